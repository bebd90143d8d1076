import { unlink } from "node:fs/promises";
import type { VerifiedBy } from "@carrel/core";
import type { DigestAlgorithm } from "../files/digest-algorithm.ts";
import type { DigestThread } from "../files/digest-thread.ts";
import type { FileDigest } from "../files/file-digest.ts";
import { PartFile } from "../files/part-file.ts";
import { Checkpoint } from "./checkpoint.ts";
import { isSameContent, readRecord, removeRecord } from "./resume-record.ts";
import type { ResumeRecord } from "./resume-record.ts";
import type { WorkFiles } from "./work-files.ts";

/** What a record says of a file, besides how far it is. */
export type FileIdentity = Omit<ResumeRecord, "bytes" | "digest" | "verifiedBy">;

interface DraftOptions {
  readonly paths: WorkFiles;
  readonly identity: FileIdentity;
  /** Of the digest of a new draft. */
  readonly algorithm: DigestAlgorithm;
  /** Whether what an earlier run left is wanted. */
  readonly resume: boolean;
  readonly digests: DigestThread;
  readonly signal: AbortSignal;
}

/** A file that is being downloaded: its bytes so far, their digest, and the record by which a later run goes on. */
export class Draft implements AsyncDisposable {
  readonly part: PartFile;
  readonly digest: FileDigest;
  readonly identity: FileIdentity;
  /** Set where an earlier run had everything and was killed before it could give the file its name. */
  readonly finishedBy: VerifiedBy | undefined;
  readonly #paths: WorkFiles;
  readonly #checkpoint: Checkpoint;

  private constructor(paths: WorkFiles, identity: FileIdentity, opened: Opened) {
    this.part = opened.part;
    this.digest = opened.digest;
    this.finishedBy = opened.finishedBy;
    this.identity = identity;
    this.#paths = paths;
    this.#checkpoint = new Checkpoint(paths.record, identity, opened.digest, opened.part.bytes);
  }

  /** Goes on with what an earlier run left, where that is the same content and still what it was; else begins anew. */
  static async open(options: DraftOptions): Promise<Draft> {
    const { paths, identity, algorithm, digests } = options;
    const resumed = options.resume ? await reopen(options) : undefined;
    if (resumed !== undefined) return new Draft(paths, identity, resumed);
    await removeRecord(paths.record);
    const part = await PartFile.create(paths.part);
    return new Draft(paths, identity, { part, digest: digests.digest(part.fd, algorithm), finishedBy: undefined });
  }

  /** Called after each write. */
  written(): void {
    this.digest.advanceTo(this.part.bytes);
    this.#checkpoint.offer();
  }

  /** The digest of all bytes, and no more records of the way there. */
  async complete(signal: AbortSignal): Promise<string> {
    await this.#checkpoint.settle();
    return this.digest.at(this.part.bytes, signal);
  }

  /** Keeps what is there for a later run, as far as that can be done. */
  async keep(): Promise<void> {
    if (this.part.bytes === 0) return this.discard();
    await this.digest.at(this.part.bytes).catch(() => {});
    await this.#checkpoint.saveLast().catch(() => {});
  }

  /** Removes what turned out to be wrong. */
  async discard(): Promise<void> {
    await this.#checkpoint.settle().catch(() => {});
    await removeRecord(this.#paths.record);
    await unlink(this.#paths.part).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#checkpoint.settle().catch(() => {});
    await this.digest.close();
    await this.part[Symbol.asyncDispose]();
  }
}

interface Opened {
  readonly part: PartFile;
  readonly digest: FileDigest;
  readonly finishedBy: VerifiedBy | undefined;
}

async function reopen({ paths, identity, digests, signal }: DraftOptions): Promise<Opened | undefined> {
  const record = await readRecord(paths.record);
  if (record === undefined || record.bytes === 0 || !isSameContent(record, identity)) return undefined;
  const part = await PartFile.reopen(paths.part, record.bytes);
  if (part === undefined) return undefined;
  const digest = digests.digest(part.fd, record.digest.algorithm);
  const isIntact = (await digest.at(record.bytes, signal).catch(() => undefined)) === record.digest.hex;
  if (isIntact && !signal.aborted) {
    await part.trim();
    return { part, digest, finishedBy: record.verifiedBy };
  }
  await digest.close();
  await part[Symbol.asyncDispose]();
  signal.throwIfAborted();
  return undefined;
}
