import { defined } from "@carrel/core/kit";
import { quote } from "@carrel/node-stream/fs";
import { runLimited } from "@carrel/node-stream/task";
import { placeOf } from "../place/disk-place.ts";
import { MirrorError } from "../errors.ts";
import { recordFor } from "../place/names.ts";
import type { MirrorPlace } from "../place/mirror-place.ts";
import { mirrorKey } from "../place/record-store.ts";
import type { ItemKey, RecordStore } from "../place/record-store.ts";
import { parseHead, parseItemText } from "./record-text.ts";
import type {
  HeadText,
  ItemText,
  LibraryName,
  RecordedItem,
  RecordedPublication,
  RecordedRuns,
  RecordHead,
} from "./record-text.ts";
import type { ItemName } from "../report.ts";

/** Records that are read or written at once. */
const recordsAtOnce = 16;

/** Of more failing items only the number is recorded. */
const maxFailing = 1000;

/** What a change of the record may do. */
export type RecordedItems = Pick<Map<string, RecordedItem>, "get" | "set" | "delete">;

/** What is to be written of an item. */
interface Change {
  /** Ids of items whose records it takes the place of. */
  readonly replaces: ReadonlySet<string>;
}

/**
 * What a mirror put into its directory. Nothing else is ever replaced or deleted.
 *
 * The mirror has a record of its own, and each item has one, so that a change costs as much as one item is large, and that
 * several workers need not share a file. Earlier versions kept all items in the mirror's record: those are read, and the first
 * change carries them over. Until then, the mirror's record counts, and after it the items'; it is replaced in one step.
 */
export class MirrorRecord {
  readonly #store: RecordStore;
  readonly #library: LibraryName;
  readonly #items: Map<string, RecordedItem>;
  #publish: RecordedPublication | undefined;
  #runs: RecordedRuns | undefined;
  /** Whether the records of items count, and not an earlier form. */
  #isCarriedOver: boolean;
  /** Items whose records are not what is in memory. */
  #changed = new Map<string, Change>();
  #isHeadChanged = false;
  #last: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  private constructor(store: RecordStore, library: LibraryName, read: ReadRecords | undefined) {
    this.#store = store;
    this.#library = library;
    this.#items = new Map(read?.items.map((item) => [item.id, item]));
    this.#publish = read?.publish;
    this.#runs = read?.runs;
    this.#isCarriedOver = read?.format === 2;
    // Of runs that were killed before they had deleted what they replaced.
    for (const [id, replaces] of read?.replacing ?? []) {
      this.#note(id, replaces);
      for (const replaced of replaces) this.#note(replaced, new Set());
    }
  }

  /**
   * Reads the record of a place; where there is none, nothing is recorded yet.
   * @throws {@link MirrorError} `other-library`, `record`, `record-owner`, `obstacle`.
   * @throws `TransferError` `obstacle`, `disk`: it is not a plain file, or too large, or cannot be read.
   */
  static async open(place: MirrorPlace, library: LibraryName): Promise<MirrorRecord> {
    const store = place.records;
    const read = await readRecords(store, assertLibrary(place, library));
    return new MirrorRecord(store, library, read);
  }

  /**
   * Reads the records of some items only, where each item's counts. What is written then are theirs alone: others may write those
   * of other items at the same time.
   * @throws {@link MirrorError} `not-a-mirror`, and as {@link open}.
   */
  static async openItems(place: MirrorPlace, library: LibraryName, ids: readonly string[]): Promise<MirrorRecord> {
    const store = place.records;
    const read = await readRecords(store, assertLibrary(place, library), ids.map(recordFor));
    if (read?.format !== 2) {
      throw new MirrorError(`${place.label} has no record of a mirror that its items can be added to`, {
        problem: "not-a-mirror",
        path: store.locationOf(mirrorKey),
      });
    }
    return new MirrorRecord(store, library, read);
  }

  /** What the mirror put there, by the items' ids. */
  get items(): ReadonlyMap<string, RecordedItem> {
    return this.#items;
  }

  /** How the mirror is published; `undefined` where it is not. */
  get publish(): RecordedPublication | undefined {
    return this.#publish;
  }

  /** Records whether the mirror is published. Writes only where that is news. */
  async setPublish(publish: RecordedPublication | undefined): Promise<void> {
    if (JSON.stringify(this.#publish) === JSON.stringify(publish)) return;
    this.#publish = publish;
    this.#isHeadChanged = true;
    await this.#flush();
  }

  /**
   * Changes the record. Resolves when it is on the disk; changes of the same moment are written together. Where one change both
   * sets and deletes items, those that are set take the place of those that are deleted, also for a run that is killed.
   */
  update(change: (items: RecordedItems) => void): Promise<void> {
    const set = new Set<string>();
    const deleted = new Set<string>();
    change({
      get: (id) => this.#items.get(id),
      set: (id, item) => {
        set.add(id);
        deleted.delete(id);
        return this.#items.set(id, item);
      },
      delete: (id) => {
        deleted.add(id);
        set.delete(id);
        return this.#items.delete(id);
      },
    });
    for (const id of set) this.#note(id, deleted);
    for (const id of deleted) this.#note(id, new Set());
    return this.#flush();
  }

  /** Records how a run ended. @param failed - Items that it left out of place; `undefined` where it broke off. */
  endRun(endedAt: Date, failed: readonly ItemName[] | undefined): Promise<void> {
    const at = endedAt.toISOString();
    const before = this.#runs;
    const isComplete = failed?.length === 0;
    const completeAt = isComplete ? at : before?.completeAt;
    const failedRuns = isComplete ? 0 : (before?.failedRuns ?? 0) + 1;
    const known = new Map(before?.failing?.map(({ id, runs }) => [id, runs]));
    const failing = failed
      ?.slice(0, maxFailing)
      .map(({ itemId: id, item: name }) => ({ id, name, runs: (known.get(id) ?? 0) + 1 }));
    this.#runs = {
      endedAt: at,
      ...defined({ completeAt }),
      failedRuns,
      failedItems: failed?.length ?? 0,
      // Nothing is known of them where the run broke off.
      ...defined({ failing: failing ?? before?.failing }),
    };
    this.#isHeadChanged = true;
    return this.#flush();
  }

  /** Deletes the drafts of runs that were killed while they wrote a record: of any record, or of one item's. */
  async deleteDrafts(id?: string): Promise<void> {
    await this.#store.deleteDrafts(id === undefined ? undefined : recordFor(id));
  }

  #note(id: string, replaced: ReadonlySet<string>): void {
    const before = this.#changed.get(id)?.replaces ?? new Set();
    this.#changed.set(id, { replaces: new Set([...before, ...replaced]) });
  }

  #flush(): Promise<void> {
    this.#next ??= this.#last.then(() => {
      this.#next = undefined;
      return this.#write();
    });
    this.#last = this.#next.catch(() => undefined);
    return this.#next;
  }

  async #write(): Promise<void> {
    if (!this.#isCarriedOver) return await this.#carryOver();
    const changed = this.#changed;
    const isHeadChanged = this.#isHeadChanged;
    this.#changed = new Map();
    this.#isHeadChanged = false;
    try {
      await this.#writeItems(changed);
      if (isHeadChanged) await this.#writeHead();
    } catch (error) {
      // With the next change they are written again.
      for (const [id, { replaces }] of changed) this.#note(id, replaces);
      this.#isHeadChanged ||= isHeadChanged;
      throw error;
    }
  }

  /** First what is set, then what is deleted: a killed run leaves two records of a file, of which one names the other, or one. */
  async #writeItems(changed: ReadonlyMap<string, Change>): Promise<void> {
    const set = [...changed].filter(([id]) => this.#items.has(id));
    const deleted = [...changed.keys()].filter((id) => !this.#items.has(id));
    await each(set, ([id, { replaces }]) => this.#writeItem(id, replaces));
    await each(deleted, (id) => this.#store.delete(recordFor(id)));
    const replacing = set.filter(([, { replaces }]) => replaces.size > 0);
    await each(replacing, ([id]) => this.#writeItem(id, new Set()));
  }

  async #writeItem(id: string, replaces: ReadonlySet<string>): Promise<void> {
    const item = this.#items.get(id);
    // It was deleted since, and that is going to be written.
    if (item === undefined) return;
    const text: ItemText = { format: 1, item, ...(replaces.size > 0 && { replaces: [...replaces] }) };
    await this.#store.write(recordFor(id), `${JSON.stringify(text)}\n`);
  }

  async #writeHead(): Promise<void> {
    const head: HeadText = {
      format: 2,
      library: this.#library,
      ...defined({ publish: this.#publish, runs: this.#runs }),
    };
    await this.#store.write(mirrorKey, `${JSON.stringify(head)}\n`);
  }

  /** Writes a record for each item, and then the mirror's, from which moment they count. Before it nothing has changed. */
  async #carryOver(): Promise<void> {
    await this.#store.create();
    const keys = new Set([...this.#items.keys()].map(recordFor));
    // Of a run that was killed here, or of a mirror that was here before.
    const old = (await this.#store.items()).filter((key) => !keys.has(key));
    await each(old, (key) => this.#store.delete(key));
    this.#changed = new Map();
    this.#isHeadChanged = false;
    const ids = [...this.#items.keys()];
    try {
      await each(ids, (id) => this.#writeItem(id, new Set()));
      await this.#writeHead();
      this.#isCarriedOver = true;
    } catch (error) {
      this.#isHeadChanged = true;
      throw error;
    }
  }
}

/** What records say. */
interface ReadRecords extends RecordHead {
  readonly format: 1 | 2;
  readonly items: readonly RecordedItem[];
  /** Ids of items that take the place of others, and those of the others, whose records may still be there. */
  readonly replacing: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Reads the records of a mirror, of whichever form; `undefined` if there are none.
 * @param check - Called with the library before the records of items are read.
 * @param keys - Which records of items; all where it is absent.
 * @throws {@link MirrorError} `record`: one cannot be parsed.
 */
export async function readRecords(
  store: RecordStore,
  check: (library: LibraryName) => void = () => {},
  keys?: readonly ItemKey[],
): Promise<ReadRecords | undefined> {
  const text = await store.read(mirrorKey);
  if (text === undefined) return undefined;
  const head = parseHead(text) ?? unreadable(store.locationOf(mirrorKey));
  const { format, library, publish, runs } = head;
  check(library);
  const read = { format, library, ...defined({ publish, runs }) };
  if (format === 1) return { ...read, items: head.items ?? [], replacing: new Map() };
  const texts: ItemText[] = [];
  await each(keys ?? (await store.items()), async (key) => {
    const found = await readItem(store, key);
    if (found !== undefined) texts.push(found);
  });
  const replaced = new Set(texts.flatMap(({ replaces = [] }) => replaces));
  const items = texts.map(({ item }) => item).filter(({ id }) => !replaced.has(id));
  const replacing = new Map(
    texts.flatMap(({ item, replaces }) => (replaces === undefined ? [] : [[item.id, new Set(replaces)] as const])),
  );
  const order = new Intl.Collator("en");
  items.sort((one, other) => order.compare(one.name, other.name) || order.compare(one.id, other.id));
  return { ...read, items, replacing };
}

/** Returns what refuses a record of another library. */
function assertLibrary({ label, records }: MirrorPlace, library: LibraryName): (recorded: LibraryName) => void {
  return (other) => {
    if (other.id === library.id) return;
    const { id, name } = other;
    throw new MirrorError(`${label} mirrors another library: ${quote(name)} (${id})`, {
      problem: "other-library",
      path: records.locationOf(mirrorKey),
      library: other,
    });
  };
}

async function readItem(store: RecordStore, key: ItemKey): Promise<ItemText | undefined> {
  const text = await store.read(key);
  // Deleted since it was listed.
  if (text === undefined) return undefined;
  const parsed = parseItemText(text) ?? unreadable(store.locationOf(key));
  // A copy that somebody made is not a record.
  return recordFor(parsed.item.id) === key ? parsed : undefined;
}

function unreadable(path: string): never {
  throw new MirrorError(`Cannot parse the mirror's record ${quote(path)}`, { problem: "record", path });
}

async function each<T>(list: readonly T[], work: (element: T) => Promise<void>): Promise<void> {
  await runLimited(
    list.map((element) => () => work(element)),
    { limit: recordsAtOnce },
  );
}

/** What a mirror put into a directory. */
export interface RecordedMirror {
  readonly library: LibraryName;
  readonly items: readonly RecordedItem[];
  /** Whether it is published as a library that vCenters subscribe to. */
  readonly isPublished: boolean;
}

/**
 * Reads what a mirror put into a directory, by its records; `undefined` if there are none that can be read. They may be anybody's.
 */
export async function readMirrorRecord(directory: string | MirrorPlace): Promise<RecordedMirror | undefined> {
  const { records } = placeOf(directory);
  const read = await readRecords(records).catch(() => undefined);
  return read && { library: read.library, items: read.items, isPublished: read.publish !== undefined };
}
