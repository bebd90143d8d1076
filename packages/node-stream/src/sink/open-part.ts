import { rename, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { TransferError } from "@carrel/core";
import type { Digest, DigestAlgorithm } from "@carrel/core/transfer";
import type { DigestThread } from "../files/digest-thread.ts";
import type { FileDigest } from "../files/file-digest.ts";
import type { FileLock } from "../files/file-lock.ts";
import { onDisk, systemCode } from "../files/fs-error.ts";
import { FileAppender } from "../files/file-appender.ts";
import { openPlainFile, readWrite } from "../files/plain-file.ts";
import type { DirectoryListing } from "./directory-listing.ts";
import type { FilePaths } from "./file-paths.ts";
import { isSameContent, readRecord, removeRecord, writeRecord } from "./resume-record.ts";
import type { FileIdentity, ResumeRecord } from "./resume-record.ts";

/** Options of opening a partial file. */
export interface PartOptions {
  readonly paths: FilePaths;
  /** Held for as long as the file is open. */
  readonly lock: FileLock;
  /** Lists what is in the directory since the lock was acquired, and since this run itself last wrote to the file. */
  readonly list: () => Promise<DirectoryListing>;
  readonly identity: FileIdentity;
  /** Of the digest of a file that starts over. */
  readonly algorithm: DigestAlgorithm;
  /** Whether to resume what an earlier run left. */
  readonly resume: boolean;
  /**
   * Returns whether that many bytes may be all, with nothing to compare them with that the server has stated so far. Then the
   * last one is fetched again, because many servers state a checksum only after a download.
   */
  readonly mayBeAll: (bytes: number) => boolean;
  readonly digests: DigestThread;
  readonly signal: AbortSignal;
}

/** An open file with the first bytes, which only this run writes to. */
export interface OpenedPart {
  readonly part: FileAppender;
  readonly digest: FileDigest;
  /** The record that was resumed from. */
  readonly record?: ResumeRecord;
}

const copyBytes = 1_048_576;

/**
 * Opens what an earlier run left, if it is the same content and still has the digest of its record; else an empty file.
 * Removes everything else that earlier runs left of the file.
 */
export async function openPart(options: PartOptions): Promise<OpenedPart> {
  const { paths, lock, signal } = options;
  await lock.assertHeld();
  const listing = await options.list();
  const leftovers = listing.leftoversOf(paths);
  const hasRecord = listing.mayHave(paths.record);
  const record = options.resume && hasRecord ? await usableRecord(options) : undefined;
  let opened: OpenedPart | undefined;
  try {
    opened = record && (await resume(options, record, leftovers));
  } catch (error) {
    signal.throwIfAborted();
    // No room for a copy beside the original: once that is removed, there may be room for the whole file.
    if (!isDiskFull(error)) throw error;
  }
  if (opened === undefined) {
    if (hasRecord) await removeRecord(paths.record, lock);
    opened = await startOver(options);
  }
  const own = paths.ownPart(lock.token);
  const closed = listing.mayHave(paths.part) ? [paths.part] : [];
  for (const path of [...leftovers, ...closed]) if (path !== own) await unlink(path).catch(() => {});
  return opened;
}

async function usableRecord({ paths, lock, identity }: PartOptions): Promise<ResumeRecord | undefined> {
  const record = await readRecord(paths.record, lock);
  return record !== undefined && record.bytes > 0 && isSameContent(record, identity) ? record : undefined;
}

async function startOver({ paths, lock, algorithm, digests }: PartOptions): Promise<OpenedPart> {
  const path = paths.ownPart(lock.token);
  await unlink(path).catch(() => {});
  const part = await FileAppender.create(path, paths.final);
  return { part, digest: digests.digest(part.fd, algorithm) };
}

/** Opens what an earlier run left, in a file of this run's own; `undefined` if it is not what the record states. */
async function resume(
  options: PartOptions,
  record: ResumeRecord,
  leftovers: readonly string[],
): Promise<OpenedPart | undefined> {
  const { paths, lock, digests, signal } = options;
  const unclosed = record.token === undefined ? undefined : paths.ownPart(record.token);
  const source = unclosed !== undefined && leftovers.includes(unclosed) ? unclosed : paths.part;
  const closed = source === paths.part ? await takeClosed(options, record) : undefined;
  const part = closed ?? (await copyUnclosed(options, source, record.bytes));
  if (part === undefined) return undefined;
  const { algorithm } = record.digest;
  let digest = digests.digest(part.fd, algorithm);
  try {
    const hex = await digest.at(record.bytes, signal).catch(() => signal.throwIfAborted());
    if (hex === record.digest.hex) {
      let resumed: ResumeRecord = { ...record, token: lock.token };
      if (options.mayBeAll(record.bytes)) {
        await digest.close();
        digest = digests.digest(part.fd, algorithm);
        const bytes = record.bytes - 1;
        const shorter: Digest = { algorithm, hex: await digest.at(bytes, signal) };
        resumed = { ...options.identity, bytes, digest: shorter, token: lock.token };
      }
      await part.trim(resumed.bytes);
      await writeRecord(paths, resumed, lock);
      return { part, digest, record };
    }
  } catch (error) {
    await digest.close();
    await part[Symbol.asyncDispose]();
    // Left as it was found, for a later run.
    if (closed === undefined) await unlink(part.path).catch(() => {});
    else if (await lock.isHeld()) await rename(part.path, paths.part).catch(() => {});
    signal.throwIfAborted();
    throw error;
  }
  await digest.close();
  await part[Symbol.asyncDispose]();
  return undefined;
}

/** Renames a file that its writer closed to this run's own name; `undefined` if another process may have it open. */
async function takeClosed({ paths, lock }: PartOptions, record: ResumeRecord): Promise<FileAppender | undefined> {
  const openUsable = async (path: string): Promise<FileAppender | undefined> => {
    const handle = await openPlainFile(path, readWrite).catch(() => undefined);
    if (handle === undefined) return undefined;
    const stats = await handle.stat();
    if (lock.isOwn(stats) && stats.nlink === 1 && stats.size >= record.bytes) {
      return new FileAppender(path, handle, record.bytes, paths.final);
    }
    await handle.close();
    return undefined;
  };
  const closed = await openUsable(paths.part);
  if (closed === undefined) return undefined;
  // The record does not vouch for the rest, and on a full disk the next record needs its room.
  await closed.trim();
  await closed[Symbol.asyncDispose]();
  // Before the rename, so that a later run finds the file by its record wherever this one is killed.
  await writeRecord(paths, { ...record, token: lock.token }, lock);
  const own = paths.ownPart(lock.token);
  await onDisk("rename", paths.part, () => rename(paths.part, own));
  return openUsable(own);
}

/** Copies bytes that another process may still have open into a file of this run's own; `undefined` if there are too few. */
async function copyUnclosed(
  { paths, lock, signal }: PartOptions,
  path: string,
  bytes: number,
): Promise<FileAppender | undefined> {
  const source = await openPlainFile(path).catch(() => undefined);
  if (source === undefined) return undefined;
  try {
    const stats = await source.stat();
    if (!lock.isOwn(stats) || stats.size < bytes) return undefined;
    const own = paths.ownPart(lock.token);
    const part = await FileAppender.create(own, paths.final);
    try {
      await copyInto(part, { source, path, bytes, signal });
      return part;
    } catch (error) {
      await part[Symbol.asyncDispose]();
      await unlink(own).catch(() => {});
      throw error;
    }
  } finally {
    await source.close();
  }
}

interface CopyOptions {
  readonly source: FileHandle;
  readonly path: string;
  readonly bytes: number;
  readonly signal: AbortSignal;
}

async function copyInto(part: FileAppender, { source, path, bytes, signal }: CopyOptions): Promise<void> {
  const buffer = Buffer.allocUnsafeSlow(copyBytes);
  while (part.bytes < bytes) {
    signal.throwIfAborted();
    const length = Math.min(copyBytes, bytes - part.bytes);
    const { bytesRead } = await onDisk("read", path, () => source.read(buffer, 0, length, part.bytes));
    if (bytesRead === 0) break;
    await part.write([buffer.subarray(0, bytesRead)]);
  }
}

function isDiskFull(error: unknown): boolean {
  const code = error instanceof TransferError ? systemCode(error.cause) : undefined;
  return code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG";
}
