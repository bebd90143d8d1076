import { defined } from "@carrel/core/kit";
import type { ContentItem, PublishedItem } from "@carrel/vcsp";
import type { MirrorStep } from "../plan/compare.ts";
import type { Comparison } from "../plan/plan.ts";
import { contentAsPublished, contentOf, isServable, isWhole, publishedIdFor } from "./published-content.ts";
import type { ItemFiles } from "./published-content.ts";
import { isCurrent } from "../record/record-text.ts";
import type { RecordedItem } from "../record/record-text.ts";
import type { ItemName } from "../report.ts";

/** What a run has to publish. */
export interface Publishable {
  readonly contents: readonly ContentItem[];
  /** Items that cannot be published. */
  readonly leftOut: readonly ItemName[];
}

interface PreviewParts extends ItemFiles {
  /** Items that are to be published, as far as they are recorded. */
  readonly listed: readonly RecordedItem[];
  readonly comparison: Comparison;
  /** What is published, by ids. */
  readonly published: ReadonlyMap<string, PublishedItem>;
  readonly signal: AbortSignal;
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
    const old = published.get(publishedIdFor(item.id));
    if (!isServable(item)) leftOut.push({ item: item.name, itemId: item.id });
    else if (await isWhole(parts, item)) contents.push(await contentOf(parts, item, signal));
    else if (old !== undefined) contents.push(contentAsPublished(parts, old, signal));
  }
  for (const step of comparison.steps) {
    const { item, before } = step;
    const isSame = before !== undefined && isCurrent(before, item);
    if (isSame && !isServable({ ...before, directory: step.directory })) {
      leftOut.push({ item: item.name, itemId: item.id });
    } else {
      contents.push({ ...(isSame ? await contentInPlace(step, before, parts) : contentToCome(step)), name: item.name });
    }
  }
  return { contents, leftOut };
}

/** Describes an item of which the mirror has the content version that the library has. */
async function contentInPlace(step: MirrorStep, before: RecordedItem, parts: PreviewParts): Promise<ContentItem> {
  const { directory, currentDirectory = before.directory, missing } = step;
  const old = parts.published.get(publishedIdFor(before.id));
  // Files that are missing cannot be read, and are going to be what they were.
  if (missing.length > 0) return old === undefined ? contentToCome(step) : contentAsPublished(parts, old, parts.signal);
  const content = await contentOf(parts, { ...before, directory: currentDirectory }, parts.signal);
  const { description, createdAt } = step.item;
  return {
    ...content,
    directory,
    files: content.files.map((file) => ({ ...file, path: `${directory}/${file.name}` })),
    ...defined({ description }),
    ...(createdAt !== undefined && { createdAt: new Date(createdAt) }),
  };
}

function contentToCome({ item: { id, name, description }, directory }: MirrorStep): ContentItem {
  return { id: publishedIdFor(id), name, directory, files: [], ...defined({ description }) };
}
