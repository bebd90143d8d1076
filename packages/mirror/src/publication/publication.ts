import { defined } from "@carrel/core/kit";
import { DigestThread, nameKey, quote } from "@carrel/node-stream/fs";
import { publishLibrary, readPublished, withdrawLibrary } from "@carrel/vcsp";
import type { ContentItem, LibraryPlace, Published, PublishedItem, PublishReport } from "@carrel/vcsp";
import { deleteItemFiles, deleteSpare } from "../plan/delete.ts";
import { MirrorError } from "../errors.ts";
import type { MirrorPlace } from "../place/mirror-place.ts";
import type { Mirror } from "../record/mirror.ts";
import type { Comparison } from "../plan/plan.ts";
import { PublishedItems, splitIsos } from "./iso-items.ts";
import { previewContents } from "./publication-preview.ts";
import type { ServerAccess } from "./publication-preview.ts";
import { contentAsPublished, contentOf, isServable, isWhole } from "./published-content.ts";
import { publishedIdFor } from "../record/published-ids.ts";
import type { LibraryName, RecordedItem, RecordedPublication } from "../record/record-text.ts";
import type { MirrorRecord } from "../record/record.ts";
import type { ItemName } from "../report.ts";

/** How a mirror is to be published. */
export interface PublishSettings {
  /**
   * The name of the library, for subscribers that ask. Later runs keep it.
   * @defaultValue that of the library on the server
   */
  readonly name?: string;
  /**
   * Makes an item of each ISO of an item that has nothing else, named after the file, as vCenter's own libraries have them.
   * Later runs keep it.
   * @defaultValue false
   */
  readonly isoItems?: boolean;
}

/** What was published of a mirror, or would be by a run in which all arrives. */
export interface MirrorPublication {
  /** The name that subscribers see. */
  readonly name: string;
  /** Id of the published library, a UUID. */
  readonly id: string;
  readonly version: number;
  /** Whether subscribers will find something new. */
  readonly isChanged: boolean;
  /** Items that are new, have changed, or are not published any more. Directories are names below the mirror. */
  readonly changes: PublishReport["items"];
  readonly unchanged: number;
  /** Items that cannot be published: one of their files would be hidden, or has the name of the item's own description. */
  readonly leftOut: readonly ItemName[];
}

/** A mirror as a library that vCenters subscribe to: what is published, and what is going to be. */
export class Publication {
  readonly settings: RecordedPublication;
  readonly #library: LibraryName;
  readonly #published: Published;
  /** Keys of the directories that what is published leads to. */
  readonly #listed: ReadonlySet<string>;

  private constructor(settings: RecordedPublication, library: LibraryName, published: Published) {
    this.settings = settings;
    this.#library = library;
    this.#published = published;
    this.#listed = new Set(published.items.flatMap(directoriesOf).map(nameKey));
  }

  /**
   * Reads what is published in the directory; `undefined` where nothing is, nor is going to be.
   * @param wanted - What was asked for; where that is `undefined`, a mirror that was published stays so.
   * @throws {@link MirrorError} `other-items`: what is published there is not of this mirror.
   * @throws `VcspError`: it cannot be read.
   */
  static async open(
    place: MirrorPlace,
    library: LibraryName,
    record: MirrorRecord,
    wanted: PublishSettings | boolean | undefined,
  ): Promise<Publication | undefined> {
    if (wanted === false || (!wanted && record.publish === undefined)) return undefined;
    const { name = record.publish?.name, isoItems = record.publish?.isoItems } =
      typeof wanted === "object" ? wanted : {};
    const published = await readPublished(place.library);
    if (record.publish === undefined) assertOwn(place.location, published.items, [...record.items.values()]);
    return new Publication(defined({ name, isoItems: isoItems || undefined }), library, published);
  }

  /** Whether what is published leads to a directory. */
  readonly isListed = (directory: string): boolean => this.#listed.has(nameKey(directory));

  /**
   * Publishes what is in place, and records what nothing leads to any more.
   * @param deletes - Whether items that no longer exist on the server are left out.
   */
  async publish(
    mirror: Mirror,
    comparison: Comparison,
    { deletes, signal }: { readonly deletes: boolean; readonly signal: AbortSignal },
  ): Promise<MirrorPublication> {
    await describeItems(mirror, comparison);
    const listed = listedItems(mirror.record, comparison, deletes);
    const before = new PublishedItems(this.#published.items);
    const contents: ContentItem[] = [];
    const leftOut: ItemName[] = [];
    for (const item of listed) {
      if (!isServable(item)) leftOut.push({ item: item.name, itemId: item.id });
      else if (await isWhole(mirror, item)) {
        const content = await contentOf(mirror, item, signal);
        contents.push(...(this.settings.isoItems ? splitIsos(content) : [content]));
      }
      // What is published stays so while it is not known to be of another version.
      else contents.push(...before.of(item).map((old) => contentAsPublished(mirror, old, signal)));
    }
    const place = new LockedPlace(mirror);
    const report = await publishLibrary(place, byName(contents), { name: this.#name, signal });
    await recordUnlisted(mirror, contents);
    return publicationOf(report, leftOut);
  }

  /**
   * Returns what a run would publish in which all arrives. Writes nothing.
   * @param source - Asked for the files of items that are to be downloaded, where each ISO is an item.
   */
  async preview(
    place: MirrorPlace,
    record: MirrorRecord,
    comparison: Comparison,
    { deletes, source, patiently, signal }: ServerAccess & { readonly deletes: boolean },
  ): Promise<MirrorPublication> {
    await using digests = new DigestThread();
    const listed = listedItems(record, comparison, deletes);
    const published = new PublishedItems(this.#published.items);
    const { isoItems = false } = this.settings;
    const parts = { place, digests, listed, comparison, published, isoItems, source, patiently, signal };
    const { contents, leftOut } = await previewContents(parts);
    const options = { name: this.#name, dryRun: true, signal };
    return publicationOf(await publishLibrary(place.library, byName(contents), options), leftOut);
  }

  get #name(): string {
    return this.settings.name ?? this.#library.name;
  }
}

function publicationOf({ library, isChanged, items }: PublishReport, leftOut: readonly ItemName[]): MirrorPublication {
  return {
    name: library.name,
    id: library.id,
    version: library.version,
    isChanged,
    changes: items.filter(({ change }) => change !== "unchanged"),
    unchanged: items.filter(({ change }) => change === "unchanged").length,
    leftOut,
  };
}

/** Ends that a mirror is published: subscribers find no library any more, and earlier versions are deleted. */
export async function withdraw(mirror: Mirror, signal: AbortSignal): Promise<void> {
  const { record } = mirror;
  if (record.publish === undefined) return;
  const place = new LockedPlace(mirror);
  await withdrawLibrary(place);
  for (const item of record.items.values()) {
    for (const spare of item.spares ?? []) await deleteSpare(mirror, item, spare, signal);
    await deleteItemFiles(mirror.place, place, item);
  }
  // A run that was killed before does all of it again.
  await record.setPublish(undefined);
}

/** Refuses to take over what somebody else published there, unless all of it is in directories of this mirror. */
function assertOwn(root: string, published: readonly PublishedItem[], recorded: readonly RecordedItem[]): void {
  const ids = new Set(recorded.map(({ id }) => publishedIdFor(id)));
  const directories = new Set(recorded.map(({ directory }) => nameKey(directory)));
  const others = published.filter(
    ({ id, directory }) => !ids.has(id) && !directories.has(nameKey(directory.split("/")[0] ?? "")),
  );
  const [first] = others;
  if (first === undefined) return;
  const what = others.length === 1 ? "an item" : `${others.length} items, such as`;
  throw new MirrorError(
    `Cannot publish ${quote(root)}: the library that is published there has ${what} ${quote(first.name)}, not of this mirror`,
    { problem: "other-items", path: root },
  );
}

function directoriesOf({ directory, files }: PublishedItem): readonly string[] {
  return [directory, ...files.flatMap(({ path }) => path.split("/")[0] ?? [])];
}

/** Records what subscribers are shown of items besides their files. Writes only where that is news. */
async function describeItems({ record }: Mirror, { steps }: Comparison): Promise<void> {
  const news = steps.flatMap(({ item: { id, description, createdAt } }) => {
    const known = record.items.get(id);
    if (known === undefined || (known.description === description && known.createdAt === createdAt)) return [];
    const { createdAt: _before, ...rest } = known;
    return [{ ...rest, description, ...defined({ createdAt }) }];
  });
  if (news.length > 0) await record.update((items) => news.forEach((item) => items.set(item.id, item)));
}

/** Items that are to be published. Of two of one name, only the one that exists on the server is. */
function listedItems(record: MirrorRecord, { steps, gone }: Comparison, deletes: boolean): readonly RecordedItem[] {
  const isGone = new Set(gone.map(({ id }) => id));
  const names = new Set(steps.map(({ item }) => nameKey(item.name)));
  const isListed = ({ id, name }: RecordedItem): boolean => !isGone.has(id) || (!deletes && !names.has(nameKey(name)));
  return byName([...record.items.values()].filter(isListed));
}

function byName<Named extends { readonly name: string }>(items: readonly Named[]): readonly Named[] {
  const order = new Intl.Collator("en");
  return items.toSorted((one, other) => order.compare(one.name, other.name));
}

/** Records since when nothing that is published leads to a directory, and where something does again. */
async function recordUnlisted({ record }: Mirror, contents: readonly ContentItem[]): Promise<void> {
  const now = new Date().toISOString();
  const listed = new Set(
    contents
      .flatMap(({ directory, files }) => [directory, ...files.map(({ path }) => path.split("/")[0] ?? "")])
      .map(nameKey),
  );
  const sinceFor = (directory: string, since: string | undefined): string | undefined =>
    listed.has(nameKey(directory)) ? undefined : (since ?? now);
  const changed = [...record.items.values()].flatMap((item): readonly RecordedItem[] => {
    const { unlistedSince: before, spares, ...rest } = item;
    // What was never published is of no concern to subscribers.
    const unlistedSince =
      before === undefined && item.goneSince === undefined ? undefined : sinceFor(item.directory, before);
    const states = spares?.map(({ unlistedSince: since, ...spare }) => ({
      ...spare,
      ...defined({ unlistedSince: spare.coming === undefined ? sinceFor(spare.directory, since) : since }),
    }));
    const isSame =
      unlistedSince === before &&
      (states ?? []).every(({ unlistedSince: since }, index) => since === spares?.[index]?.unlistedSince);
    return isSame ? [] : [{ ...rest, ...defined({ spares: states, unlistedSince }) }];
  });
  if (changed.length > 0) await record.update((items) => changed.forEach((item) => items.set(item.id, item)));
}

/** The small files of the library in the mirror, as long as this run may change it. */
class LockedPlace implements LibraryPlace {
  readonly label: string;
  readonly #place: LibraryPlace;
  readonly #mirror: Mirror;

  constructor(mirror: Mirror) {
    const { library } = mirror.place;
    this.label = library.label;
    this.#place = library;
    this.#mirror = mirror;
  }

  read(path: string): ReturnType<LibraryPlace["read"]> {
    return this.#place.read(path);
  }

  async write(path: string, text: string): Promise<void> {
    await this.#mirror.lock.assertHeld();
    await this.#place.write(path, text);
  }

  async delete(path: string): Promise<void> {
    await this.#mirror.lock.assertHeld();
    await this.#place.delete(path);
  }
}
