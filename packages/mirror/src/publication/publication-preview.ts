import { defined } from "@carrel/core/kit";
import { libraryFiles } from "@carrel/node-stream/task";
import type { Overcome } from "@carrel/node-stream/task";
import type { ContentItem } from "@carrel/vcsp";
import type { MirrorSource } from "../library/mirror-source.ts";
import type { MirrorStep } from "../plan/compare.ts";
import type { Comparison } from "../plan/plan.ts";
import { splitIsos } from "./iso-items.ts";
import type { PublishedItems } from "./iso-items.ts";
import { contentAsPublished, contentOf, isServable, isWhole } from "./published-content.ts";
import type { ItemFiles } from "./published-content.ts";
import { areIsos, isoItemFor, publishedIdFor } from "../record/published-ids.ts";
import { isCurrent } from "../record/record-text.ts";
import type { RecordedItem } from "../record/record-text.ts";
import type { ItemName } from "../report.ts";

/** How the server is asked for the files of an item. */
export interface ServerAccess {
  readonly source: MirrorSource;
  /** Overcomes outages. */
  readonly patiently: Overcome;
  readonly signal: AbortSignal;
}

/** What a run has to publish. */
export interface Publishable {
  readonly contents: readonly ContentItem[];
  /** Items that cannot be published. */
  readonly leftOut: readonly ItemName[];
}

interface PreviewParts extends ItemFiles, ServerAccess {
  /** Items that are to be published, as far as they are recorded. */
  readonly listed: readonly RecordedItem[];
  readonly comparison: Comparison;
  readonly published: PublishedItems;
  /** Whether each ISO is an item of its own. */
  readonly isoItems: boolean;
}

/**
 * Describes what a mirror would publish after a run in which all arrives. Files that are to be downloaded are not known yet: an
 * item of another content version has none here, and so counts as changed.
 */
export async function previewContents(parts: PreviewParts): Promise<Publishable> {
  const { listed, comparison, published, signal } = parts;
  const contents: ContentItem[] = [];
  const leftOut: ItemName[] = [];
  const isUpdated = new Set(comparison.steps.flatMap(({ before }) => before?.id ?? []));
  for (const item of listed.filter(({ id }) => !isUpdated.has(id))) {
    if (!isServable(item)) leftOut.push({ item: item.name, itemId: item.id });
    else if (await isWhole(parts, item)) contents.push(...split(parts, await contentOf(parts, item, signal)));
    else contents.push(...published.of(item).map((old) => contentAsPublished(parts, old, signal)));
  }
  for (const step of comparison.steps) {
    const { item, before } = step;
    const isSame = before !== undefined && isCurrent(before, item);
    if (isSame && !isServable({ ...before, directory: step.directory })) {
      leftOut.push({ item: item.name, itemId: item.id });
    } else {
      contents.push(...(isSame ? await contentsInPlace(step, before, parts) : await contentsToCome(step, parts)));
    }
  }
  return { contents, leftOut };
}

function split({ isoItems }: PreviewParts, content: ContentItem): readonly ContentItem[] {
  return isoItems ? splitIsos(content) : [content];
}

/** Describes an item of which the mirror has the content version that the library has. */
async function contentsInPlace(
  step: MirrorStep,
  before: RecordedItem,
  parts: PreviewParts,
): Promise<readonly ContentItem[]> {
  const { directory, currentDirectory = before.directory, missing } = step;
  // Files that are missing cannot be read, and are going to be what they were.
  if (missing.length > 0) {
    const old = parts.published.of(before).map((item) => contentAsPublished(parts, item, parts.signal));
    if (old.length === 0) return await contentsToCome(step, parts);
    return old.map((item) => (item.id === publishedIdFor(before.id) ? { ...item, name: step.item.name } : item));
  }
  const content = await contentOf(parts, { ...before, directory: currentDirectory }, parts.signal);
  const { name, description, createdAt } = step.item;
  return split(parts, {
    ...content,
    name,
    directory,
    files: content.files.map((file) => ({ ...file, path: `${directory}/${file.name}` })),
    ...defined({ description }),
    ...(createdAt !== undefined && { createdAt: new Date(createdAt) }),
  });
}

async function contentsToCome(
  { item: { id, name, description }, directory }: MirrorStep,
  { isoItems, source, patiently, signal }: PreviewParts,
): Promise<readonly ContentItem[]> {
  const item = { id: publishedIdFor(id), name, directory, files: [], ...defined({ description }) };
  const list = (): ReturnType<typeof libraryFiles> => libraryFiles(() => source.item.file.list(id, { signal }));
  const files = isoItems ? await patiently(list, signal) : [];
  if (files === undefined || !areIsos(files)) return [item];
  return files.map((file) => ({ ...item, ...isoItemFor(id, directory, file.name) }));
}
