import type { Stats } from "node:fs";
import { lstat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { VerifiedBy } from "@carrel/core";
import type { Digest, DigestAlgorithm } from "../files/checksum.ts";
import { renameWithPatience } from "../files/durable-rename.ts";
import { claimSuffix } from "../files/lock-takeover.ts";
import type { FileLock } from "../files/file-lock.ts";
import { onDisk } from "../files/fs-error.ts";
import { readPlainFile, writeNewFile } from "../files/plain-file.ts";
import type { TransferValidator } from "../transfer/response-head.ts";

/** Where a file and what belongs to it lie while it is downloaded. */
export interface WorkFiles {
  readonly final: string;
  /** The bytes of a run that has ended: nobody has it open. While a run is at work they are in {@link ownPart}. */
  readonly part: string;
  /** What the bytes are: see {@link ResumeRecord}. */
  readonly record: string;
  readonly lock: string;
}

/**
 * What is appended to a file's name for each.
 *
 * @private Does not follow semantic versioning.
 */
export const partialSuffixes: readonly string[] = [".part", ".part.json", ".part.lock", `.part.lock${claimSuffix}`];

/** The end of the name of anything that belongs to an incomplete file, also of what has a token in its name. */
export const partialEnding: RegExp =
  /(?:\.[0-9a-f]{8}\.(?:part|tmp)|\.part|\.part\.json|\.part\.lock|\.part\.lock\.new)$/i;

export function workFiles(folder: string, name: string): WorkFiles {
  const final = join(folder, name);
  return { final, part: `${final}.part`, record: `${final}.part.json`, lock: `${final}.part.lock` };
}

/** The file that a run writes to, which has the token of its lock in its name: no other run ever opens it for writing. */
export function ownPart({ final }: WorkFiles, token: string): string {
  return `${final}.${token}.part`;
}

/** Where a run writes a record before it takes its place. */
function ownRecordDraft({ final }: WorkFiles, token: string): string {
  return `${final}.${token}.tmp`;
}

/** The token in the name of a file that a run left when it was killed; `undefined` where it is something else. */
function leftoverToken({ final }: WorkFiles, name: string): string | undefined {
  const rest = name.startsWith(`${basename(final)}.`) ? name.slice(basename(final).length) : "";
  return /^\.([0-9a-f]{8})\.(?:part|tmp)$/.exec(rest)?.[1];
}

/**
 * What an incomplete file is, kept beside it, so that a later run can resume. The digest is that of the first `bytes`
 * bytes: what does not have it (after a power cut, say) is not used. Holds no address and nothing secret.
 */
export interface ResumeRecord {
  readonly format: 1;
  readonly origin: string;
  readonly itemId: string;
  readonly file: string;
  /** The item's content version; for a download without session the file's version. */
  readonly contentVersion: string;
  readonly bytes: number;
  readonly digest: Digest;
  /** What the server named the bytes by: where it names the rest otherwise, all are read again and compared. */
  readonly validator?: TransferValidator;
  /** The token in the name of the file that the bytes are in, for as long as its run is at work, or where it was killed. */
  readonly token?: string;
  /** Set once the file has its final name, while other files of the item are still missing. */
  readonly verifiedBy?: VerifiedBy;
}

/** What a record says of a file, besides how far it is. */
export type FileIdentity = Pick<ResumeRecord, "format" | "origin" | "itemId" | "file" | "contentVersion">;

/** Whether a record is about the same content of the same file. */
export function isSameContent(record: ResumeRecord, wanted: Omit<FileIdentity, "format">): boolean {
  return (
    record.origin === wanted.origin &&
    record.itemId === wanted.itemId &&
    record.file === wanted.file &&
    record.contentVersion === wanted.contentVersion
  );
}

/**
 * Writes the record in one step: whoever reads it sees the one before or this one, whole.
 *
 * @throws LockLostError the lock is not this process's any more; the record stays as it is.
 */
export async function writeRecord(paths: WorkFiles, record: ResumeRecord, lock: FileLock): Promise<void> {
  const draft = ownRecordDraft(paths, lock.token);
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

/** Decides whether a file is this user's alone. */
export type Ownership = Pick<FileLock, "isOwn">;

/** Records are a few hundred bytes. */
const maxRecordBytes = 65_536;

/**
 * Reads a record; `undefined` where there is none that can be understood and that only this user can have written. It says
 * what an earlier run found, not what is true now.
 */
export async function readRecord(path: string, owner: Ownership = thisUser): Promise<ResumeRecord | undefined> {
  const file = await readPlainFile(path, maxRecordBytes).catch(() => undefined);
  return file !== undefined && owner.isOwn(file.stats) ? parseRecord(file.text) : undefined;
}

/** Removes a record, if the lock is still this process's. */
export async function removeRecord(path: string, lock: FileLock): Promise<void> {
  if (await lock.isHeld()) await unlink(path).catch(() => {});
}

/** Where there is no lock to compare with: the user of this process, on systems that have users. */
const thisUser: Ownership = {
  isOwn: ({ uid, mode }: Pick<Stats, "uid" | "mode">) =>
    process.geteuid === undefined || (uid === process.geteuid() && (mode & 0o022) === 0),
};

const hexDigits: Readonly<Record<DigestAlgorithm, number>> = { sha1: 40, md5: 32, sha256: 64, sha512: 128 };
const verdicts: readonly unknown[] = [undefined, "checksum", "manifest", "length", "nothing"] satisfies (
  | VerifiedBy
  | undefined
)[];

function parseRecord(text: string): ResumeRecord | undefined {
  try {
    const value = JSON.parse(text) as Partial<ResumeRecord> | null;
    const isWhole =
      value?.format === 1 &&
      [value.origin, value.itemId, value.file, value.contentVersion].every((member) => typeof member === "string") &&
      Number.isSafeInteger(value.bytes) &&
      (value.bytes ?? -1) >= 0 &&
      isDigest(value.digest) &&
      isValidator(value.validator) &&
      (value.token === undefined || isToken(value.token)) &&
      verdicts.includes(value.verifiedBy);
    return isWhole ? (value as ResumeRecord) : undefined;
  } catch {
    return undefined;
  }
}

function isValidator(value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value !== "object" || value === null) return false;
  const { etag, lastModified } = value as Record<keyof TransferValidator, unknown>;
  return [etag, lastModified].every((member) => member === undefined || typeof member === "string");
}

function isToken(value: unknown): boolean {
  return typeof value === "string" && /^[0-9a-f]{8}$/.test(value);
}

function isDigest(value: Partial<Digest> | undefined): value is Digest {
  const { algorithm, hex } = value ?? {};
  if (typeof algorithm !== "string" || typeof hex !== "string" || !Object.hasOwn(hexDigits, algorithm)) return false;
  return hex.length === hexDigits[algorithm] && /^[0-9a-f]+$/.test(hex);
}

/**
 * What an earlier run left of a file that it did not finish.
 *
 * @private Does not follow semantic versioning.
 */
export interface PartialStat {
  /** Bytes on the disk. */
  readonly partBytes: number;
  /** At which byte a download of the wanted content resumes; 0 where it starts over. */
  readonly resumeAtByte: number;
}

/**
 * What an earlier run left of a file in a folder; `undefined` where there is nothing. The bytes are not read: a download
 * compares their digest first. The content version is asked for only where something is left.
 *
 * @private Does not follow semantic versioning.
 */
export async function statPartial(
  folder: string,
  wanted: Omit<FileIdentity, "format" | "contentVersion">,
  contentVersion: () => Promise<string | undefined>,
): Promise<PartialStat | undefined> {
  const paths = workFiles(folder, wanted.file);
  const record = await readRecord(paths.record);
  const own = record?.token === undefined ? undefined : await plainFileAt(ownPart(paths, record.token));
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

/** Names in the folder of a file that runs left which were killed while they wrote to it. */
export async function leftoversOf(paths: WorkFiles, names: readonly string[]): Promise<readonly string[]> {
  const folder = dirname(paths.final);
  return names.filter((name) => leftoverToken(paths, name) !== undefined).map((name) => join(folder, name));
}
