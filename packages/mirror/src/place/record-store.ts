/**
 * Where a mirror keeps its records: one of its own, and one for each item. Texts, each written in one step; a reader sees the
 * earlier one or the new one, whole. A directory writes them only while this run has its lock; an object store writes them
 * only if nobody else has since they were read.
 */
export interface RecordStore {
  /** Returns what people call a record: an absolute path, or a URL. */
  locationOf(name: RecordKey): string;
  /** Reads a record; `undefined` if there is none. */
  read(name: RecordKey): Promise<string | undefined>;
  /** Lists the records of items. */
  items(): Promise<readonly ItemKey[]>;
  /** Makes room for the records of items. Called before the first is written. */
  create(): Promise<void>;
  /** Writes a record. It survives a power cut. */
  write(name: RecordKey, text: string): Promise<void>;
  /** Deletes the record of an item, if there is one. A power cut may undo that, until the next one is written. */
  delete(name: ItemKey): Promise<void>;
  /** Deletes the drafts of runs that were killed while they wrote a record: of any record, or of one item's. */
  deleteDrafts(name?: ItemKey): Promise<void>;
}

/** The name of the record of an item: see `recordFor`. */
export type ItemKey = `${string}.json`;

/** The name of a record. */
export type RecordKey = ItemKey | typeof mirrorKey;

/** The name of the mirror's own record. */
export const mirrorKey = "mirror";
