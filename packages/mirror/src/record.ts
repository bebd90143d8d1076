import { readdir, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { VerifiedBy } from "@carrel/core";
import { defined, isObject, parseJson } from "@carrel/core/kit";
import type { Digest } from "@carrel/node-stream";
import { durableRename, nameProblem, onDisk, quote, readPlainFile, writeNewFile } from "@carrel/node-stream/fs";
import type { FileLock } from "@carrel/node-stream/fs";
import { MirrorError } from "./errors.ts";
import { parkingFor, parkingPrefix, recordName } from "./names.ts";
import type { ItemName } from "./report.ts";

/** A file that the mirror put into an item's directory. */
export interface RecordedFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** How it was known to be whole. */
  readonly verifiedBy: VerifiedBy;
  readonly digest: Digest;
  /** The item no longer has it. It stays until a run that deletes. */
  readonly gone?: boolean;
  /** Since when it is gone, RFC 3339. */
  readonly goneSince?: string;
}

/** An item that the mirror put into its directory. */
export interface RecordedItem {
  readonly id: string;
  readonly name: string;
  /** Name of its directory. */
  readonly directory: string;
  /** `null` while files are put in place: some of them may be of the version before. */
  readonly contentVersion: string | null;
  readonly files: readonly RecordedFile[];
  /** Since when the library no longer has it, RFC 3339; absent while it does. */
  readonly goneSince?: string;
}

/** A library: its id, and the name that people know it by. */
export interface LibraryName {
  readonly id: string;
  readonly name: string;
}

/** How the runs of a mirror ended, for monitoring. */
export interface RecordedRuns {
  /** When the last run ended, RFC 3339. */
  readonly endedAt: string;
  /** When a run last left everything in place; absent where none did. */
  readonly completeAt?: string;
  /** How many of the last runs in a row did not. */
  readonly failedRuns: number;
  /** How many items the last run left out of place. */
  readonly failedItems: number;
  /** Which, and in how many runs in a row. */
  readonly failing?: readonly FailingItem[];
}

/** An item that a run left out of place. */
export interface FailingItem {
  readonly id: string;
  readonly name: string;
  /** How many of the last runs in a row left it out of place. */
  readonly runs: number;
}

/** The text of a record. */
export interface RecordText {
  readonly format: 1;
  readonly library: LibraryName;
  readonly runs?: RecordedRuns;
  readonly items: readonly RecordedItem[];
}

/** Returns whether what the mirror put there is of the content version that the item has now. */
export function isCurrent(
  before: RecordedItem,
  item: { readonly id: string; readonly contentVersion: string },
): boolean {
  return before.id === item.id && before.contentVersion === item.contentVersion;
}

/** The names that an item's directory may have: a run that was killed right after it renamed one could not record that. */
export function possibleDirectories({ id, directory }: RecordedItem): readonly string[] {
  return [directory, parkingFor(id)];
}

/** Sums up the bytes of files. */
export function sumOf(files: readonly { readonly sizeBytes: number }[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** A record takes some 250 bytes for each file: this is enough for half a million. */
export const maxRecordBytes: number = 128 * 1024 * 1024;

/** Of more failing items only the number is recorded. */
const maxFailing = 1000;

/** The file that records what a mirror put into its directory. Nothing else is ever replaced or deleted. */
export class MirrorRecord {
  readonly #path: string;
  readonly #library: LibraryName;
  readonly #lock: FileLock | undefined;
  readonly #items: Map<string, RecordedItem>;
  #runs: RecordedRuns | undefined;
  #last: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  private constructor(
    path: string,
    library: LibraryName,
    lock: FileLock | undefined,
    { items, runs }: Pick<RecordText, "items" | "runs">,
  ) {
    this.#path = path;
    this.#library = library;
    this.#lock = lock;
    this.#items = new Map(items.map((item) => [item.id, item]));
    this.#runs = runs;
  }

  /**
   * Reads the record of a directory; where there is none, nothing is recorded yet.
   * @param lock - The mirror's, where the record is going to be changed.
   * @throws {@link MirrorError} `other-library`, `record`, `record-owner`.
   * @throws `TransferError` `obstacle`, `disk`: it is not a plain file, or too large, or cannot be read.
   */
  static async open(directory: string, library: LibraryName, lock?: FileLock): Promise<MirrorRecord> {
    const path = join(directory, recordName);
    const file = await onDisk("read", path, () => readPlainFile(path, maxRecordBytes));
    if (file === undefined) return new MirrorRecord(path, library, lock, { items: [] });
    // Only with the lock is it known how the file system shows what is this user's; and only then anything is deleted by it.
    if (lock?.isOwn(file.stats) === false) {
      throw new MirrorError(
        `Cannot use the mirror's record ${quote(path)}: it belongs to another user, or others may write to it`,
        { problem: "record-owner", path },
      );
    }
    const text = parseRecord(file.text);
    if (text === undefined) {
      throw new MirrorError(`Cannot parse the mirror's record ${quote(path)}`, { problem: "record", path });
    }
    if (text.library.id !== library.id) {
      const { id, name } = text.library;
      throw new MirrorError(`Directory ${quote(directory)} mirrors another library: ${quote(name)} (${id})`, {
        problem: "other-library",
        path,
        library: text.library,
      });
    }
    return new MirrorRecord(path, library, lock, text);
  }

  /** What the mirror put there, by the items' ids. */
  get items(): ReadonlyMap<string, RecordedItem> {
    return this.#items;
  }

  /** Changes the record. Resolves when it is on the disk; changes of the same moment are written together. */
  update(change: (items: Map<string, RecordedItem>) => void): Promise<void> {
    change(this.#items);
    this.#next ??= this.#last.then(() => {
      this.#next = undefined;
      return this.#write();
    });
    this.#last = this.#next.catch(() => undefined);
    return this.#next;
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
    return this.update(() => {});
  }

  /** Writes the record under a name of this run's own, and renames that only while the lock is held. */
  async #write(): Promise<void> {
    const items = [...this.#items.values()];
    const record: RecordText = { format: 1, library: this.#library, ...defined({ runs: this.#runs }), items };
    const lock = this.#lock;
    if (lock === undefined) throw new TypeError("A record that was opened without the lock cannot be written");
    const draft = `${this.#path}.${lock.token}.tmp`;
    await onDisk("write", this.#path, async () => {
      try {
        await writeNewFile(draft, `${JSON.stringify(record)}\n`, { mode: 0o644, sync: true });
        await lock.assertHeld();
        await durableRename(draft, this.#path);
      } catch (error) {
        await unlink(draft).catch(() => undefined);
        throw error;
      }
    });
  }

  /** Deletes the drafts of runs that were killed while they wrote the record. */
  async deleteDrafts(): Promise<void> {
    const directory = dirname(this.#path);
    for (const name of await onDisk("read", directory, () => readdir(directory))) {
      const rest = name.startsWith(recordName) ? name.slice(recordName.length) : "";
      if (!/^\.[0-9a-f]{8}\.tmp$/u.test(rest)) continue;
      await this.#lock?.assertHeld();
      await unlink(join(directory, name)).catch(() => undefined);
    }
  }
}

/**
 * Reads what a mirror put into a directory, by its record; `undefined` if there is none that can be read. It may be anybody's.
 */
export async function readMirrorRecord(
  directory: string,
): Promise<{ readonly library: LibraryName; readonly items: readonly RecordedItem[] } | undefined> {
  const file = await readPlainFile(join(directory, recordName), maxRecordBytes).catch(() => undefined);
  return file && parseRecord(file.text);
}

const verifiedBy: readonly unknown[] = ["checksum", "manifest", "length", "nothing"] satisfies VerifiedBy[];
const algorithms: readonly unknown[] = ["sha1", "md5", "sha256", "sha512"];

/**
 * Parses a record; `undefined` if the text is not one. A record may have been written by an attacker: its names never lead out of
 * the mirror, because files are deleted by them.
 */
export function parseRecord(text: string): RecordText | undefined {
  const value = asObject(parseJson(text));
  const library = asObject(value?.["library"]);
  if (value?.["format"] !== 1 || !isText(library?.["id"]) || !isText(library["name"])) return undefined;
  if (!isListOf(value["items"], isItem)) return undefined;
  const runs = runsOf(value["runs"]);
  return {
    format: 1,
    library: { id: library["id"], name: library["name"] },
    ...defined({ runs }),
    items: value["items"],
  };
}

/** What cannot be read here is left out: nothing is deleted by it. */
function runsOf(value: unknown): RecordedRuns | undefined {
  const { endedAt, completeAt, failedRuns, failedItems, failing } = asObject(value) ?? {};
  if (!isTime(endedAt) || !isCount(failedRuns) || !isCount(failedItems)) return undefined;
  return {
    endedAt,
    ...defined({ completeAt: isTime(completeAt) ? completeAt : undefined }),
    failedRuns,
    failedItems,
    ...defined({ failing: isListOf(failing, isFailing) ? failing : undefined }),
  };
}

function isFailing(value: unknown): value is FailingItem {
  const item = asObject(value);
  return isText(item?.["id"]) && isText(item["name"]) && isCount(item["runs"]);
}

function isTime(value: unknown): value is string {
  return isText(value) && !Number.isNaN(Date.parse(value));
}

function isTimeOrAbsent(value: unknown): boolean {
  return value === undefined || isTime(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isItem(value: unknown): value is RecordedItem {
  const item = asObject(value);
  if (!isText(item?.["id"]) || !isText(item["name"]) || !isDirectoryName(item["directory"])) return false;
  if (!isTimeOrAbsent(item["goneSince"])) return false;
  return (item["contentVersion"] === null || isText(item["contentVersion"])) && isListOf(item["files"], isFile);
}

function isFile(value: unknown): value is RecordedFile {
  const file = asObject(value);
  const digest = asObject(file?.["digest"]);
  return (
    isSafeName(file?.["name"]) &&
    Number.isSafeInteger(file?.["sizeBytes"]) &&
    verifiedBy.includes(file?.["verifiedBy"]) &&
    algorithms.includes(digest?.["algorithm"]) &&
    isText(digest?.["hex"]) &&
    ["boolean", "undefined"].includes(typeof file?.["gone"]) &&
    isTimeOrAbsent(file?.["goneSince"])
  );
}

/** Also of a directory that waits for its name: see `parkingFor`. */
function isDirectoryName(value: unknown): boolean {
  return isSafeName(isText(value) && value.startsWith(parkingPrefix) ? value.slice(parkingPrefix.length) : value);
}

function isSafeName(value: unknown): boolean {
  return isText(value) && nameProblem(value) === undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isListOf<T>(value: unknown, is: (element: unknown) => element is T): value is readonly T[] {
  return Array.isArray(value) && value.every(is);
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isObject(value) ? value : undefined;
}
