import type { Stats } from "node:fs";
import { lstat, unlink } from "node:fs/promises";
import type { VerifiedBy } from "@carrel/core";
import { isObject, parseJson } from "@carrel/core/kit";
import { isDigest } from "@carrel/core/transfer";
import type { Digest, TransferValidator } from "@carrel/core/transfer";
import { renameWithPatience } from "../files/durable-rename.ts";
import type { FileLock } from "../files/file-lock.ts";
import { onDisk } from "../files/fs-error.ts";
import { readPlainFile, writeNewFile } from "../files/plain-file.ts";
import { FilePaths } from "./file-paths.ts";

/**
 * States what an incomplete file is, and lies beside it, so that a later run can resume. The digest is that of the first
 * `bytes` bytes: a file whose beginning does not have it (after a power cut, for example) is not used. Contains no address
 * and nothing secret.
 */
export interface ResumeRecord {
  readonly format: 1;
  readonly origin: string;
  readonly itemId: string;
  readonly file: string;
  /** The item's content version; for a download without a session the file's version. */
  readonly contentVersion: string;
  readonly bytes: number;
  readonly digest: Digest;
  /** How the server identified the bytes: if it identifies the rest otherwise, all are read again and compared. */
  readonly validator?: TransferValidator;
  /** The token in the name of the file with the bytes, while its run is at work, and after it was killed. */
  readonly token?: string;
  /** Set once all bytes are there and were verified, until all files of the item have their final names. */
  readonly verifiedBy?: VerifiedBy;
}

/** Which content of which file a record is about. */
export type FileIdentity = Pick<ResumeRecord, "format" | "origin" | "itemId" | "file" | "contentVersion">;

/** Returns whether a record is about the same content of the same file. */
export function isSameContent(record: ResumeRecord, wanted: Omit<FileIdentity, "format">): boolean {
  return (
    record.origin === wanted.origin &&
    record.itemId === wanted.itemId &&
    record.file === wanted.file &&
    record.contentVersion === wanted.contentVersion
  );
}

/**
 * Writes a record in one step: a reader sees the earlier one or this one, whole.
 *
 * @throws LockLostError the lock is another process's; the record stays as it is.
 */
export async function writeRecord(paths: FilePaths, record: ResumeRecord, lock: FileLock): Promise<void> {
  const draft = paths.recordDraft(lock.token);
  await onDisk("write", paths.record, async () => {
    await writeNewFile(draft, JSON.stringify(record));
    try {
      await lock.assertHeld();
      await renameWithPatience(draft, paths.record);
    } catch (error) {
      await unlink(draft).catch(() => {});
      throw error;
    }
  });
}

/** Tells whether a file is this user's alone. */
export type Ownership = Pick<FileLock, "isOwn">;

/** Records are a few hundred bytes. */
const maxRecordBytes = 65_536;

/**
 * Reads a record; `undefined` if none exists that is complete and that only this user can have written. It states what an
 * earlier run found, not what is true now.
 */
export async function readRecord(path: string, owner: Ownership = thisUser): Promise<ResumeRecord | undefined> {
  const file = await readPlainFile(path, maxRecordBytes).catch(() => undefined);
  return file !== undefined && owner.isOwn(file.stats) ? parseRecord(file.text) : undefined;
}

/** Removes a record, if the lock is still this process's. */
export async function removeRecord(path: string, lock: FileLock): Promise<void> {
  if (await lock.isHeld()) await unlink(path).catch(() => {});
}

/** For callers without a lock to compare with: the user of this process, on systems that have users. */
export const thisUser: Ownership = {
  isOwn: ({ uid, mode }: Pick<Stats, "uid" | "mode">) =>
    process.geteuid === undefined || (uid === process.geteuid() && (mode & 0o022) === 0),
};

const verdicts: readonly unknown[] = [undefined, "checksum", "manifest", "length", "nothing"] satisfies (
  | VerifiedBy
  | undefined
)[];

function parseRecord(text: string): ResumeRecord | undefined {
  const value = parseJson(text);
  if (!isObject(value)) return undefined;
  const { format, origin, itemId, file, contentVersion, bytes, digest, validator, token, verifiedBy } =
    value as Readonly<Record<keyof ResumeRecord, unknown>>;
  const isComplete =
    format === 1 &&
    [origin, itemId, file, contentVersion].every((member) => typeof member === "string") &&
    Number.isSafeInteger(bytes) &&
    (bytes as number) >= 0 &&
    isDigest(digest) &&
    isValidator(validator) &&
    (token === undefined || isToken(token)) &&
    verdicts.includes(verifiedBy);
  return isComplete ? (value as unknown as ResumeRecord) : undefined;
}

function isValidator(value: unknown): boolean {
  if (value === undefined) return true;
  if (!isObject(value)) return false;
  return [value["etag"], value["lastModified"]].every((member) => member === undefined || typeof member === "string");
}

function isToken(value: unknown): boolean {
  return typeof value === "string" && /^[0-9a-f]{8}$/u.test(value);
}

/**
 * What an earlier run left of a file that it did not complete.
 *
 * @private Does not follow semantic versioning.
 */
export interface PartialStat {
  /** Bytes that are there. */
  readonly partBytes: number;
  /** The byte at which a download of this content would resume; 0 if it would start over. */
  readonly resumeAtByte: number;
}

/**
 * Stats what an earlier run left of a file in a directory; `undefined` if it left nothing. The bytes are not read: a download
 * compares their digest first. The content version is asked for only if something is left.
 */
export async function statPartial(
  directory: string,
  wanted: Omit<FileIdentity, "format" | "contentVersion">,
  contentVersion: () => Promise<string | undefined>,
): Promise<PartialStat | undefined> {
  const paths = new FilePaths(directory, wanted.file);
  const record = await readRecord(paths.record);
  const own = record?.token === undefined ? undefined : await plainFileAt(paths.ownPart(record.token));
  const part = own ?? (await plainFileAt(paths.part));
  if (part === undefined) return undefined;
  const version = await contentVersion();
  const isResumable =
    record !== undefined &&
    version !== undefined &&
    isSameContent(record, { ...wanted, contentVersion: version }) &&
    part.size >= record.bytes &&
    thisUser.isOwn(part);
  return { partBytes: part.size, resumeAtByte: isResumable ? record.bytes : 0 };
}

async function plainFileAt(path: string): Promise<Stats | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  return stats?.isFile() ? stats : undefined;
}
