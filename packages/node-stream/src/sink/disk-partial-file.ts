import { createReadStream } from "node:fs";
import { rename, unlink } from "node:fs/promises";
import type { VerifiedBy } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import type { Digest, DigestAlgorithm, TransferValidator } from "@carrel/core/transfer";
import type { DigestThread, FilePart } from "../files/digest-thread.ts";
import type { DurableDirectory } from "../files/durable-rename.ts";
import type { FileDigest } from "../files/file-digest.ts";
import type { FileLock } from "../files/file-lock.ts";
import { onDisk } from "../files/fs-error.ts";
import type { FileAppender } from "../files/file-appender.ts";
import { assertAbsent, assertReplaceable } from "./disk-existing-file.ts";
import type { FilePaths } from "./file-paths.ts";
import { openPart } from "./open-part.ts";
import type { OpenedPart, PartOptions } from "./open-part.ts";
import type { PartialFile, PublishOptions } from "./sink.ts";
import { removeRecord, writeRecord } from "./resume-record.ts";
import type { FileIdentity, ResumeRecord } from "./resume-record.ts";

/** A record is written after at least this many new bytes … */
const recordEveryBytes = 262_144;
/** … and this long after the last one. A killed process loses at most what arrives in that time. */
const recordEveryMs = 20;

/**
 * A file that is being downloaded: its bytes so far, their digest, and the record from which a later run resumes.
 *
 * No two runs ever write to one file: it has a name of this run's own while it is open, and is called `NAME.part` only after
 * it was closed. What a run left without closing it (the run was killed, or was held up and lost its lock, and may wake up)
 * is copied. So a file that gets the final name was only ever written by the run that verified it, and by runs that ended
 * before.
 *
 * What is done under a name that other runs know is done only while the lock is held.
 */
export class DiskPartialFile implements PartialFile {
  /** How the server identifies the bytes, once it has said so; recorded with them. */
  validator: TransferValidator | undefined;
  readonly readBack = (bytes: number): AsyncIterable<Uint8Array> =>
    createReadStream(this.#part.path, { end: bytes - 1 });
  readonly #names: DurableDirectory;
  readonly #identity: FileIdentity;
  readonly #part: FileAppender;
  readonly #paths: FilePaths;
  readonly #lock: FileLock;
  readonly #digests: DigestThread;
  /** The digest of what is in the file, which follows the writer. */
  readonly #digest: FileDigest;
  readonly #otherDigests = new Map<DigestAlgorithm, string>();
  #recordedBytes: number;
  #recordedAt = performance.now();
  #recording: Promise<unknown> | undefined;
  #failure: unknown;

  private constructor(names: DurableDirectory, options: PartOptions, { part, digest, record }: OpenedPart) {
    const { paths, lock, identity, digests } = options;
    this.#names = names;
    this.validator = record?.validator;
    this.#identity = identity;
    this.#part = part;
    this.#paths = paths;
    this.#lock = lock;
    this.#digests = digests;
    this.#digest = digest;
    this.#recordedBytes = part.bytes;
  }

  /**
   * Opens what an earlier run left, if it is the same content and unchanged, or else an empty file. Removes everything else
   * that earlier runs left of the file. `names` is where it gets its final name.
   */
  static async open(names: DurableDirectory, options: PartOptions): Promise<DiskPartialFile> {
    return new DiskPartialFile(names, options, await openPart(options));
  }

  /** Bytes so far. */
  get sizeBytes(): number {
    return this.#part.bytes;
  }

  /** The algorithm of the digest that is computed along the way, which costs no further reading. */
  get algorithm(): DigestAlgorithm {
    return this.#digest.algorithm;
  }

  /** Appends, and from time to time begins to write a record. Wait for it before the next call. */
  async write(blocks: readonly Uint8Array[]): Promise<void> {
    await this.#part.write(blocks);
    this.#otherDigests.clear();
    this.#digest.advanceTo(this.sizeBytes);
    this.#offerRecord();
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    return this.#part.read(position, length);
  }

  async digest(algorithm: DigestAlgorithm, signal: AbortSignal): Promise<string> {
    if (algorithm === this.algorithm) return this.#digest.at(this.sizeBytes, signal);
    const hex =
      this.#otherDigests.get(algorithm) ?? (await this.digestOf(algorithm, { bytes: this.sizeBytes, signal }));
    this.#otherDigests.set(algorithm, hex);
    return hex;
  }

  async digestOf(algorithm: DigestAlgorithm, part: FilePart): Promise<string> {
    return this.#digests.digestOf(this.#part.fd, algorithm, part);
  }

  /** Waits until the bytes are on the disk itself. `false` if the file system cannot tell. */
  async flush(): Promise<boolean> {
    return this.#part.sync();
  }

  /** Returns the digest of all bytes, after the last of them. From now on only {@link publish} and {@link keep} write a record. */
  async complete(signal: AbortSignal): Promise<Digest> {
    await this.#settle();
    return { algorithm: this.algorithm, hex: await this.digest(this.algorithm, signal) };
  }

  /**
   * Gives the file its final name, and replaces a file that has it and may be replaced.
   *
   * @returns Whether the new name is on the disk; `false` if the file system cannot tell.
   * @throws LockLostError `TRANSFER`: another process has the lock; the name stays as it is.
   */
  async publish({ digest, isRecognizable, replaces, signal, verifiedBy }: PublishOptions): Promise<boolean> {
    const { final } = this.#paths;
    if (replaces === "nothing") await assertAbsent(final);
    if (replaces === "same") {
      const { sizeBytes } = this;
      await assertReplaceable(final, { sizeBytes, digest, digests: this.#digests, signal });
    }
    // If this run is killed, the next one recognises the file by its record, or by a checksum that is stated beforehand.
    if (!isRecognizable) await this.#writeRecord(verifiedBy);
    await this.#part.chmod(this.#lock.newFileMode);
    await this.#lock.assertHeld();
    const { path } = this.#part;
    try {
      return await onDisk("rename", path, () => this.#names.rename(path, final));
    } catch (error) {
      // A process that took the lock over in this moment has removed the file.
      await this.#lock.assertHeld();
      throw error;
    }
  }

  /**
   * Closes the file, and keeps the bytes for a later run, as far as that can be done.
   *
   * @throws LockLostError `TRANSFER`: another process has the lock; everything stays as it is.
   */
  async keep(): Promise<void> {
    if (this.sizeBytes === 0) return this.discard();
    await this.#settle().catch(() => {});
    await this.#digest.at(this.sizeBytes).catch(() => {});
    if ((this.#digest.latest?.bytes ?? 0) > this.#recordedBytes) await this.#writeRecord().catch(() => {});
    await this.#close();
    await this.#lock.assertHeld();
    await rename(this.#part.path, this.#paths.part).catch(() => {});
  }

  /**
   * Closes the file, and removes it with its record.
   *
   * @throws LockLostError `TRANSFER`: another process has the lock; everything stays as it is.
   */
  async discard(): Promise<void> {
    await this.#close();
    await this.#lock.assertHeld();
    await unlink(this.#part.path).catch(() => {});
    await removeRecord(this.#paths.record, this.#lock);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  async #close(): Promise<void> {
    await this.#settle().catch(() => {});
    await this.#digest.close();
    await this.#part[Symbol.asyncDispose]();
  }

  /** Begins to write a record if one is due. Throws if an earlier one failed, for example because the lock is lost. */
  #offerRecord(): void {
    if (this.#failure !== undefined) throw this.#failure;
    const newBytes = (this.#digest.latest?.bytes ?? 0) - this.#recordedBytes;
    const isDue = newBytes >= recordEveryBytes && performance.now() - this.#recordedAt >= recordEveryMs;
    if (!isDue || this.#recording !== undefined) return;
    this.#recording = this.#writeRecord().then(
      () => (this.#recording = undefined),
      (error: unknown) => {
        this.#failure = error;
      },
    );
  }

  /** Waits for a record that is being written. */
  async #settle(): Promise<void> {
    await this.#recording;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #writeRecord(verifiedBy?: VerifiedBy): Promise<void> {
    const { latest, algorithm } = this.#digest;
    if (latest === undefined) return;
    const { bytes, hex } = latest;
    const { validator } = this;
    const { token } = this.#lock;
    const optional = defined({ validator, verifiedBy });
    const record: ResumeRecord = { ...this.#identity, bytes, digest: { algorithm, hex }, token, ...optional };
    await writeRecord(this.#paths, record, this.#lock);
    this.#recordedBytes = bytes;
    this.#recordedAt = performance.now();
  }
}
