import { readdir, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { TransferError } from "@carrel/core";
import type { VerifiedBy } from "@carrel/core";
import type { DigestAlgorithm } from "../files/checksum.ts";
import type { DigestThread } from "../files/digest-thread.ts";
import type { DurableFolder } from "../files/durable-rename.ts";
import type { FileDigest } from "../files/file-digest.ts";
import type { FileLock } from "../files/file-lock.ts";
import { onDisk, systemCode } from "../files/fs-error.ts";
import { PartFile } from "../files/part-file.ts";
import { openPlainFile, readWrite } from "../files/plain-file.ts";
import type { TransferValidator } from "../transfer/response-head.ts";
import { isSameContent, leftoversOf, ownPart, readRecord, removeRecord, writeRecord } from "./resume-record.ts";
import type { FileIdentity, ResumeRecord, WorkFiles } from "./resume-record.ts";

interface PartialFileOptions {
  readonly paths: WorkFiles;
  /** Held for as long as the file is open. */
  readonly lock: FileLock;
  readonly identity: FileIdentity;
  /** Of the digest of a file that starts over. */
  readonly algorithm: DigestAlgorithm;
  /** Whether what an earlier run left is wanted. */
  readonly resume: boolean;
  /**
   * Whether that many bytes may be all, with nothing to compare them with that the server has stated so far. Then the last
   * one is fetched again, since many servers state a checksum only after a download.
   */
  readonly mayBeAll: (bytes: number) => boolean;
  readonly digests: DigestThread;
  readonly signal: AbortSignal;
}

/** A record is written when so much is new … */
const recordEveryBytes = 262_144;
/** … and the last one is so long ago. What a killed process loses is at most what arrives in that time. */
const recordEveryMs = 20;
const copyBytes = 1_048_576;

/**
 * A file that is being downloaded: its bytes so far, their digest, and the record by which a later run resumes.
 *
 * No two runs ever write to one file: it has a name of this run's own for as long as it is open, and is called `NAME.part`
 * only after it was closed. What a run left that did not close it (it was killed, or was held up and lost its lock, and may
 * wake up) is copied. So whatever gets the final name was only ever written by the run that checked it, and by runs that
 * ended before.
 *
 * Whatever happens under a name that others know is done only while the lock is held.
 */
export class PartialFile implements AsyncDisposable {
  readonly identity: FileIdentity;
  /** The digest of what is in the file, which follows the writer. */
  readonly digest: FileDigest;
  /** What the server names the bytes by, once it is known; recorded with them. */
  validator: TransferValidator | undefined;
  readonly #part: PartFile;
  readonly #paths: WorkFiles;
  readonly #lock: FileLock;
  #savedBytes: number;
  #savedAt = performance.now();
  #saving: Promise<unknown> | undefined;
  #failure: unknown;

  private constructor({ paths, lock, identity }: PartialFileOptions, { part, digest, record }: Opened) {
    this.identity = identity;
    this.digest = digest;
    this.validator = record?.validator;
    this.#part = part;
    this.#paths = paths;
    this.#lock = lock;
    this.#savedBytes = part.bytes;
  }

  /**
   * Resumes what an earlier run left, where that is the same content and still what it was; else starts over. Removes
   * everything else that earlier runs left of the file.
   */
  static async open(options: PartialFileOptions): Promise<PartialFile> {
    const { paths, lock, signal } = options;
    await lock.assertHeld();
    const folder = dirname(paths.final);
    const leftovers = await onDisk("read", folder, async () => leftoversOf(paths, await readdir(folder)));
    const record = options.resume ? await usableRecord(options) : undefined;
    let opened: Opened | undefined;
    try {
      opened = record && (await resume(options, record, leftovers));
    } catch (error) {
      signal.throwIfAborted();
      // There is no room for a copy beside what was left: without that there may be room for all of it.
      if (!isFull(error)) throw error;
    }
    opened ??= await startOver(options);
    const own = ownPart(paths, lock.token);
    for (const path of [...leftovers, paths.part]) if (path !== own) await unlink(path).catch(() => {});
    return new PartialFile(options, opened);
  }

  /** Where it is now. */
  get path(): string {
    return this.#part.path;
  }

  /** The descriptor, for reading along. */
  get fd(): number {
    return this.#part.fd;
  }

  /** Bytes so far. */
  get bytes(): number {
    return this.#part.bytes;
  }

  /** Appends, and writes a record now and then, which it does not wait for. Wait for it before the next one. */
  async write(blocks: readonly Uint8Array[]): Promise<void> {
    await this.#part.write(blocks);
    this.digest.advanceTo(this.bytes);
    this.#offerRecord();
  }

  /** Reads at a position; fewer bytes where the file ends. */
  async read(position: number, length: number): Promise<Uint8Array> {
    return this.#part.read(position, length);
  }

  /** Waits until the bytes are on the disk itself. `false` where the file system cannot say. */
  async sync(): Promise<boolean> {
    return this.#part.sync();
  }

  /** The digest of all bytes. No more records of the way there are written. */
  async complete(signal: AbortSignal): Promise<string> {
    await this.#settle();
    return this.digest.at(this.bytes, signal);
  }

  /** Records that all bytes are here, and what this run found out about them, after {@link complete}. */
  async recordVerdict(verifiedBy: VerifiedBy): Promise<void> {
    await this.#writeRecord(verifiedBy);
  }

  /**
   * Gives the file its final name, which replaces what has it.
   *
   * @returns Whether the new name is on the disk; `false` where the file system cannot say.
   * @throws LockLostError `TRANSFER`: the lock is not this process's any more; the name stays as it is.
   */
  async publish(folder: DurableFolder): Promise<boolean> {
    await this.#part.chmod(this.#lock.newFileMode);
    await this.#lock.assertHeld();
    try {
      return await onDisk("rename", this.path, () => folder.rename(this.path, this.#paths.final));
    } catch (error) {
      // Whoever took the lock over in this moment has removed the file.
      await this.#lock.assertHeld();
      throw error;
    }
  }

  /**
   * Closes the file, and keeps what is there for a later run, as far as that can be done.
   *
   * @throws LockLostError `TRANSFER`: the lock is not this process's any more; everything stays as it is.
   */
  async keep(): Promise<void> {
    if (this.bytes === 0) return this.discard();
    await this.#settle().catch(() => {});
    await this.digest.at(this.bytes).catch(() => {});
    if ((this.digest.latest?.bytes ?? 0) > this.#savedBytes) await this.#writeRecord().catch(() => {});
    await this.#close();
    await this.#lock.assertHeld();
    await rename(this.path, this.#paths.part).catch(() => {});
  }

  /**
   * Closes and removes what turned out to be wrong.
   *
   * @throws LockLostError `TRANSFER`: the lock is not this process's any more; everything stays as it is.
   */
  async discard(): Promise<void> {
    await this.#close();
    await this.#lock.assertHeld();
    await unlink(this.path).catch(() => {});
    await removeRecord(this.#paths.record, this.#lock);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  async #close(): Promise<void> {
    await this.#settle().catch(() => {});
    await this.digest.close();
    await this.#part[Symbol.asyncDispose]();
  }

  /** Writes a record if one is due. Throws when an earlier one could not be written: the lock is lost, say. */
  #offerRecord(): void {
    if (this.#failure !== undefined) throw this.#failure;
    const bytes = this.digest.latest?.bytes ?? 0;
    const isDue = bytes - this.#savedBytes >= recordEveryBytes && performance.now() - this.#savedAt >= recordEveryMs;
    if (!isDue || this.#saving !== undefined) return;
    this.#saving = this.#writeRecord().then(
      () => (this.#saving = undefined),
      (error: unknown) => {
        this.#failure = error;
      },
    );
  }

  /** Waits for a record on its way. */
  async #settle(): Promise<void> {
    await this.#saving;
    if (this.#failure !== undefined) throw this.#failure;
  }

  get #named(): Pick<ResumeRecord, "validator"> {
    return this.validator === undefined ? {} : { validator: this.validator };
  }

  async #writeRecord(verifiedBy?: VerifiedBy): Promise<void> {
    const { latest, algorithm } = this.digest;
    if (latest === undefined) return;
    const { bytes, hex } = latest;
    const record = { ...this.identity, bytes, digest: { algorithm, hex }, token: this.#lock.token, ...this.#named };
    await writeRecord(this.#paths, verifiedBy === undefined ? record : { ...record, verifiedBy }, this.#lock);
    this.#savedBytes = bytes;
    this.#savedAt = performance.now();
  }
}

interface Opened {
  readonly part: PartFile;
  readonly digest: FileDigest;
  /** The record that was resumed by. */
  readonly record?: ResumeRecord;
}

async function usableRecord({ paths, lock, identity }: PartialFileOptions): Promise<ResumeRecord | undefined> {
  const record = await readRecord(paths.record, lock);
  return record !== undefined && record.bytes > 0 && isSameContent(record, identity) ? record : undefined;
}

async function startOver({ paths, lock, algorithm, digests }: PartialFileOptions): Promise<Opened> {
  await removeRecord(paths.record, lock);
  const path = ownPart(paths, lock.token);
  await unlink(path).catch(() => {});
  const part = await PartFile.create(path);
  return { part, digest: digests.digest(part.fd, algorithm) };
}

/** Opens what was left, in a file of our own; `undefined` where it is not what the record says. */
async function resume(
  options: PartialFileOptions,
  record: ResumeRecord,
  leftovers: readonly string[],
): Promise<Opened | undefined> {
  const { paths, lock, digests, signal } = options;
  const left = record.token === undefined ? undefined : ownPart(paths, record.token);
  const from = left !== undefined && leftovers.includes(left) ? left : paths.part;
  const taken = from === paths.part ? await takeClosed(options, record) : undefined;
  const part = taken ?? (await copy(options, from, record.bytes));
  if (part === undefined) return undefined;
  const { algorithm } = record.digest;
  let digest = digests.digest(part.fd, algorithm);
  try {
    const hex = await digest.at(record.bytes, signal).catch(() => signal.throwIfAborted());
    if (hex === record.digest.hex) {
      let used: ResumeRecord = { ...record, token: lock.token };
      if (options.mayBeAll(record.bytes)) {
        await digest.close();
        digest = digests.digest(part.fd, algorithm);
        const bytes = record.bytes - 1;
        used = {
          ...options.identity,
          bytes,
          digest: { algorithm, hex: await digest.at(bytes, signal) },
          token: lock.token,
        };
      }
      await part.trim(used.bytes);
      await writeRecord(paths, used, lock);
      return { part, digest, record };
    }
  } catch (error) {
    await digest.close();
    await part[Symbol.asyncDispose]();
    // As it was found, for a later run.
    if (taken === undefined) await unlink(part.path).catch(() => {});
    else if (await lock.isHeld()) await rename(part.path, paths.part).catch(() => {});
    signal.throwIfAborted();
    throw error;
  }
  await digest.close();
  await part[Symbol.asyncDispose]();
  return undefined;
}

/** Takes a file that its writer closed, under a name of our own; `undefined` where others may have it open. */
async function takeClosed({ paths, lock }: PartialFileOptions, record: ResumeRecord): Promise<PartFile | undefined> {
  const isFit = async (path: string): Promise<PartFile | undefined> => {
    const handle = await openPlainFile(path, readWrite).catch(() => undefined);
    if (handle === undefined) return undefined;
    const stats = await handle.stat();
    if (lock.isOwn(stats) && stats.nlink === 1 && stats.size >= record.bytes) {
      return new PartFile(path, handle, record.bytes);
    }
    await handle.close();
    return undefined;
  };
  const seen = await isFit(paths.part);
  if (seen === undefined) return undefined;
  // What the record does not vouch for is of no more use, and on a full disk the next record needs its room.
  await seen.trim();
  await seen[Symbol.asyncDispose]();
  // Before it is: a run after this one finds it by its record wherever this one is killed.
  await writeRecord(paths, { ...record, token: lock.token }, lock);
  const own = ownPart(paths, lock.token);
  await onDisk("rename", paths.part, () => rename(paths.part, own));
  return isFit(own);
}

/** Copies bytes that others may still have open, into a file of our own; `undefined` where there are too few. */
async function copy(
  { paths, lock, signal }: PartialFileOptions,
  from: string,
  bytes: number,
): Promise<PartFile | undefined> {
  const source = await openPlainFile(from).catch(() => undefined);
  if (source === undefined) return undefined;
  try {
    const stats = await source.stat();
    if (!lock.isOwn(stats) || stats.size < bytes) return undefined;
    const own = ownPart(paths, lock.token);
    const part = await PartFile.create(own);
    try {
      const buffer = Buffer.allocUnsafeSlow(copyBytes);
      while (part.bytes < bytes) {
        signal.throwIfAborted();
        const length = Math.min(copyBytes, bytes - part.bytes);
        const { bytesRead } = await onDisk("read", from, () => source.read(buffer, 0, length, part.bytes));
        if (bytesRead === 0) break;
        await part.write([buffer.subarray(0, bytesRead)]);
      }
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

function isFull(error: unknown): boolean {
  const code = error instanceof TransferError ? systemCode(error.cause) : undefined;
  return code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG";
}
