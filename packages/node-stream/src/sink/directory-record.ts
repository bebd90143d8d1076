import { readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { systemClock, TransferError } from "@carrel/core";
import type { VerifiedBy } from "@carrel/core";
import { defined, isObject, parseJson, sleep } from "@carrel/core/kit";
import { isDigest, nameKey, nameProblem, quote } from "@carrel/core/transfer";
import type { Digest } from "@carrel/core/transfer";
import { DurableDirectory } from "../files/durable-rename.ts";
import { FileLock } from "../files/file-lock.ts";
import { onDisk } from "../files/fs-error.ts";
import { readPlainFile, writeNewFile } from "../files/plain-file.ts";
import { thisUser } from "./resume-record.ts";
import type { Ownership } from "./resume-record.ts";

/**
 * The name of the file that records what downloads put into its directory. No file of an item begins with a dot.
 *
 * @private Does not follow semantic versioning.
 */
export const directoryRecordName = ".carrel.json";

/**
 * What a download established of a file, and when.
 *
 * @private Does not follow semantic versioning.
 */
export interface SavedFile {
  readonly name: string;
  /** The item's content version; for a download without a session the file's version. */
  readonly contentVersion: string;
  readonly sizeBytes: number;
  readonly digest: Digest;
  /** What it was compared with. */
  readonly verifiedBy: VerifiedBy;
  /** Set if a manifest contradicted it, or should have verified it and did not. */
  readonly doubted?: true;
  /** When, as in `2026-11-28T03:00:00.000Z`. */
  readonly verifiedAt: string;
}

/**
 * An item of which a directory contains files.
 *
 * @private Does not follow semantic versioning.
 */
export interface SavedItem {
  /** Scheme, host and port of the vCenter. */
  readonly server: string;
  readonly id: string;
  /** For people; absent if the download did not know it. */
  readonly name?: string;
  readonly library?: { readonly id: string; readonly name: string };
  readonly files: readonly SavedFile[];
}

/** The text of a record. */
interface DirectoryRecord {
  readonly format: 1;
  readonly items: readonly SavedItem[];
}

/** A file takes some 300 bytes: this is enough for 50,000 in one directory. */
const maxBytes = 16 * 1024 * 1024;
/** Longer texts are no names and no ids. */
const maxTextLength = 2_048;
/** Another process holds the lock for as long as a small file takes. */
const patienceMs = 10_000;
const pauseMs = 50;

/**
 * Reads what a directory contains by its record; empty if there is no record that can be used. The record states what was
 * true when it was written.
 *
 * @param owner - Refuses a record that somebody else can have written; by default any record is read.
 * @private Does not follow semantic versioning.
 */
export async function readSavedItems(directory: string, owner?: Ownership): Promise<readonly SavedItem[]> {
  const file = await readPlainFile(join(directory, directoryRecordName), maxBytes).catch(() => undefined);
  if (file === undefined || owner?.isOwn(file.stats) === false) return [];
  return parseDirectoryRecord(file.text)?.items ?? [];
}

/** Reads what a record that only this user can have written says of the files of an item. */
export async function readSavedFiles(
  directory: string,
  { server, id }: Pick<SavedItem, "server" | "id">,
): Promise<ReadonlyMap<string, SavedFile>> {
  const items = await readSavedItems(directory, thisUser);
  const files = items.find((item) => item.server === server && item.id === id)?.files ?? [];
  return new Map(files.map((file) => [file.name, file]));
}

/**
 * Records files of an item, in one step and under a lock: a reader sees the earlier record or the new one, whole, and a power
 * cut loses none. What is known of other files stays, unless a file took the name of one.
 *
 * @throws {@link TransferError} `TRANSFER`: the directory cannot be written to; `obstacle`: something that is not a record,
 * or another user's, has the name, and stays; `locked`: another process kept the lock.
 */
export async function recordFiles(directory: string, item: SavedItem, signal: AbortSignal): Promise<void> {
  const path = join(directory, directoryRecordName);
  await using lock = await acquireLock(`${path}.lock`, signal);
  const file = await onDisk("read", path, () => readPlainFile(path, maxBytes));
  const before = file === undefined ? { items: [] } : parseDirectoryRecord(file.text);
  if (before === undefined || (file !== undefined && !lock.isOwn(file.stats))) {
    const why = before === undefined ? "it is not a record that can be read" : "it belongs to another user";
    throw new TransferError(`Cannot replace ${quote(path)}: ${why}`, { problem: "obstacle", path, retryable: false });
  }
  const record: DirectoryRecord = { format: 1, items: withFiles(before.items, item) };
  await onDisk("write", path, async () => {
    await deleteDrafts(directory, lock);
    const draft = `${path}.${lock.token}.tmp`;
    try {
      await writeNewFile(draft, `${JSON.stringify(record, undefined, 1)}\n`, { mode: 0o644, sync: true });
      await lock.assertHeld();
      await new DurableDirectory(directory).rename(draft, path);
    } catch (error) {
      await unlink(draft).catch(() => {});
      throw error;
    }
  });
}

/** Adds files of an item to what is recorded. A directory has one file of a name, so any other entry for it goes. */
function withFiles(items: readonly SavedItem[], added: SavedItem): readonly SavedItem[] {
  const taken = new Set(added.files.map(({ name }) => nameKey(name)));
  const others = items.map((item) => ({ ...item, files: item.files.filter(({ name }) => !taken.has(nameKey(name))) }));
  const isSame = ({ server, id }: SavedItem): boolean => server === added.server && id === added.id;
  const kept = others.find(isSame);
  const files = [...(kept?.files ?? []), ...added.files];
  return [...others.filter((item) => !isSame(item) && item.files.length > 0), { ...kept, ...added, files }];
}

/** Acquires the lock. Waits for a process that lives, because it needs the lock for a moment only. */
async function acquireLock(path: string, signal: AbortSignal): Promise<FileLock> {
  const inUse = (holder: string): TransferError =>
    new TransferError(`The lock ${quote(path)} is held by another process (${holder})`, { problem: "locked", path });
  const endMs = performance.now() + patienceMs;
  for (;;) {
    try {
      return await onDisk("lock", path, () => FileLock.acquire(path, inUse, { signal }));
    } catch (error) {
      const isWorthWaiting = error instanceof TransferError && error.problem === "locked";
      if (!isWorthWaiting || performance.now() > endMs) throw error;
    }
    await sleep(systemClock, pauseMs);
  }
}

/** Deletes the drafts of runs that were killed while they wrote the record. */
async function deleteDrafts(directory: string, lock: FileLock): Promise<void> {
  for (const name of await readdir(directory)) {
    const rest = name.startsWith(directoryRecordName) ? name.slice(directoryRecordName.length) : "";
    if (!/^\.[0-9a-f]{8}\.tmp$/u.test(rest)) continue;
    await lock.assertHeld();
    await unlink(join(directory, name)).catch(() => {});
  }
}

const verdicts: readonly unknown[] = ["checksum", "manifest", "length", "nothing"] satisfies VerifiedBy[];

/**
 * Parses a record; `undefined` if the text is not one. It may have been written by an attacker: names never lead out of the
 * directory, no two entries are about one file, and unknown members are dropped.
 */
export function parseDirectoryRecord(text: string): DirectoryRecord | undefined {
  const value = parseJson(text);
  if (!isObject(value) || value["format"] !== 1) return undefined;
  const items = listOf(value["items"], parseSavedItem);
  if (items === undefined) return undefined;
  const keys = items.flatMap(({ files }) => files.map(({ name }) => nameKey(name)));
  return new Set(keys).size === keys.length ? { format: 1, items } : undefined;
}

/**
 * Parses what is recorded of an item; `undefined` if the value is not that. Names in it never lead elsewhere, and unknown members
 * are dropped.
 *
 * @private Does not follow semantic versioning.
 */
export function parseSavedItem(value: unknown): SavedItem | undefined {
  if (!isObject(value)) return undefined;
  const { server, id, name, library } = value as Readonly<Record<keyof SavedItem, unknown>>;
  const files = listOf(value["files"], parseFile);
  if (!isOrigin(server) || !isText(id) || files === undefined) return undefined;
  if (name !== undefined && !isText(name)) return undefined;
  if (library === undefined) return { server, id, ...defined({ name }), files };
  if (!isObject(library) || !isText(library["id"]) || !isText(library["name"])) return undefined;
  return { server, id, ...defined({ name }), library: { id: library["id"], name: library["name"] }, files };
}

function parseFile(value: unknown): SavedFile | undefined {
  if (!isObject(value)) return undefined;
  const { name, contentVersion, sizeBytes, digest, verifiedBy, doubted, verifiedAt } = value as Readonly<
    Record<keyof SavedFile, unknown>
  >;
  if (!isText(name) || nameProblem(name) !== undefined || !isText(contentVersion) || !isDigest(digest))
    return undefined;
  if (typeof sizeBytes !== "number" || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) return undefined;
  if (!verdicts.includes(verifiedBy) || ![undefined, true].includes(doubted as undefined) || !isTime(verifiedAt)) {
    return undefined;
  }
  return {
    name,
    contentVersion,
    sizeBytes,
    digest: { algorithm: digest.algorithm, hex: digest.hex },
    verifiedBy: verifiedBy as VerifiedBy,
    ...(doubted === true && { doubted }),
    verifiedAt,
  };
}

function listOf<T>(value: unknown, parse: (element: unknown) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const parsed = value.map(parse);
  return parsed.every((element) => element !== undefined) ? parsed : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= maxTextLength;
}

/** Only what names a server: an address with a password or a query is refused. */
function isOrigin(value: unknown): value is string {
  return isText(value) && URL.canParse(value) && new URL(value).origin === value;
}

function isTime(value: unknown): value is string {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u.test(value)) return false;
  return !Number.isNaN(Date.parse(value));
}
