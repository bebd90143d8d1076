import { createHash, randomBytes } from "node:crypto";
import { TransferError } from "@carrel/core";
import { abortable, defined } from "@carrel/core/kit";
import { quote } from "@carrel/node-stream/fs";
import { ArchiveRecorder, LockLostError, NotRecorded } from "@carrel/node-stream/sink";
import type { Digest, DigestAlgorithm, TransferValidator } from "@carrel/node-stream";
import type { FilePart, PartialFile, PartialOptions, PublishOptions } from "@carrel/node-stream/sink";
import { commitObject } from "./commit-object.ts";
import type { Lease } from "./lease.ts";
import { metadataOf } from "./metadata.ts";
import { PartBuffer } from "./part-buffer.ts";
import { partLength } from "./part-plan.ts";
import type { PartPlan } from "./part-plan.ts";
import { PartUpload } from "./part-upload.ts";
import { RunningDigests } from "./running-digests.ts";
import type { Condition } from "../store/store-features.ts";
import type { Store } from "../store/store.ts";
import type { Identity } from "./upload-record.ts";

/** A file in a store, for one run. */
export interface FilePlace {
  readonly store: Store;
  readonly key: string;
  readonly identity: Identity;
  readonly lease: Lease;
  readonly partsInFlight: number;
  /** Asked before the file gets its name: whether a lock that more than this file is under is still held. */
  readonly assertHeld?: (() => Promise<void>) | undefined;
  /** Called with what has the name now. */
  readonly onPublished: (etag: string) => void;
  /** Called with a file that is whole and compared, in place of giving it its name: the caller does that later. */
  readonly stage?: ((staged: PartialObject, options: PublishOptions) => Promise<void>) | undefined;
}

/** With what a partial object begins. */
export interface Beginning {
  readonly plan: PartPlan;
  readonly digests: RunningDigests;
  /** Continues an upload of an earlier run. */
  readonly upload: PartUpload | undefined;
  readonly sizeBytes: number;
  readonly validator: TransferValidator | undefined;
}

/**
 * A file on its way into a store: parts of an upload that nobody sees, or, if it is shorter than a part, bytes in memory. It
 * becomes an object in one request, at the end.
 */
export class PartialObject implements PartialFile {
  validator: TransferValidator | undefined;
  readonly algorithm: DigestAlgorithm;
  readonly #place: FilePlace;
  readonly #plan: PartPlan;
  readonly #digests: RunningDigests;
  readonly #statedBytes: number | undefined;
  readonly #stated: Digest | undefined;
  readonly #signal: AbortSignal;
  readonly #recorder: ArchiveRecorder | undefined;
  readonly #mark = randomBytes(12).toString("hex");
  #upload: PartUpload | undefined;
  #buffer = new PartBuffer();
  #sizeBytes: number;
  #isIncomparable = false;
  #isStaged = false;

  constructor(place: FilePlace, options: PartialOptions, beginning: Beginning) {
    this.#place = place;
    this.#plan = beginning.plan;
    this.#digests = beginning.digests;
    this.#upload = beginning.upload;
    this.#sizeBytes = beginning.sizeBytes;
    this.validator = beginning.validator;
    this.#statedBytes = options.sizeBytes;
    this.#stated = options.checksum;
    this.#signal = options.signal;
    [this.algorithm] = options.algorithms;
    // What an earlier run sent cannot be read again.
    this.#recorder = beginning.sizeBytes === 0 ? new ArchiveRecorder() : undefined;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async write(blocks: readonly Uint8Array[]): Promise<void> {
    this.#upload?.throwIfFailed();
    for (const block of blocks) {
      for (let taken = 0; taken < block.length;) {
        const limit = partLength(this.#plan, (this.#upload?.sentParts ?? 0) + 1);
        if (this.#buffer.length === limit) await this.#sendPart();
        else taken += this.#append(block.subarray(taken, taken + limit - this.#buffer.length), limit);
      }
    }
    // The last part of a file is sent when it is complete, and the only one of a small file as a whole.
    if (this.#isPartFull() && this.#sizeBytes !== this.#statedBytes) await this.#sendPart();
  }

  async flush(): Promise<boolean> {
    return true;
  }

  async complete(): Promise<Digest> {
    if (this.#upload !== undefined && this.#buffer.length > 0) await this.#sendPart();
    return this.#digestBy(this.algorithm);
  }

  async digest(algorithm: DigestAlgorithm): Promise<string> {
    return this.#digestBy(algorithm).hex;
  }

  async digestOf(algorithm: DigestAlgorithm, { bytes, start = 0 }: FilePart): Promise<string> {
    const { digestOf } = this.#kept();
    if (digestOf === undefined) throw new NotRecorded();
    return digestOf(algorithm, start, bytes);
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const isInMemory = this.#upload === undefined && this.#buffer.length === this.#sizeBytes;
    if (isInMemory) return Buffer.from(this.#buffer.bytes.subarray(position, position + length));
    return this.#kept().read(position, length);
  }

  /** Bytes that it takes of the memory. */
  get memoryBytes(): number {
    return this.#buffer.length;
  }

  /** Sends what is in memory, also where it is less than a part. Only after the last byte. */
  async unload(): Promise<void> {
    if (this.#buffer.length > 0) await this.#sendPart();
    await this.#upload?.settled();
  }

  async publish(options: PublishOptions): Promise<boolean> {
    const { assertHeld, key, lease, onPublished, stage, store } = this.#place;
    const { digest, isRecognizable, replaces, signal, verifiedBy } = options;
    // A file has arrived when the store has all of its parts: a record that says so is written next.
    await abortable(this.#upload?.settled() ?? Promise.resolve(), signal);
    if (stage !== undefined && !this.#isStaged) {
      this.#isStaged = true;
      await stage(this, options);
      return true;
    }
    this.#assertStatement();
    // If this run is killed, the next one recognises the file by its record, or by a checksum that is stated beforehand.
    if (!isRecognizable) {
      const verdict = { bytes: this.#sizeBytes, digest, verifiedBy };
      await lease.save({ bytes: 0, ...this.#place.identity, ...lease.content, verdict });
    }
    await lease.assertHeld();
    const upload = this.#upload;
    const object = {
      sizeBytes: this.#sizeBytes,
      digest,
      mark: upload?.mark ?? this.#mark,
      write: (condition: Condition) =>
        upload === undefined ? this.#put(digest, condition, signal) : upload.complete(condition, signal),
    };
    const { etag, isOurs } = await commitObject(store, key, object, { replaces, assertHeld, signal });
    if (!isOurs) await upload?.abort();
    this.#upload = undefined;
    onPublished(etag);
    const { verdict } = lease.content ?? {};
    if (isRecognizable || verdict === undefined) await lease.remove();
    else await lease.save({ ...this.#place.identity, bytes: 0, verdict });
    return true;
  }

  async keep(): Promise<void> {
    if (this.#isPartFull()) await this.#sendPart().catch(() => {});
    const upload = this.#upload;
    if (upload === undefined || this.#isIncomparable) return this.discard();
    await upload.settleSoon();
    if (!upload.hasMilestone) return this.discard();
    // If that fails, what was recorded before still holds.
    await upload.record(this.validator).catch(throwIfLost);
  }

  async discard(): Promise<void> {
    const upload = this.#upload;
    this.#upload = undefined;
    const remove = async (): Promise<void> => {
      // An upload of a record that another process took over is that one's.
      await this.#place.lease.assertHeld().catch(async (error: unknown) => {
        await upload?.stop();
        throw error;
      });
      await upload?.abort();
      await this.#place.lease.remove();
    };
    // If that fails, the record stays, by which the next run removes the rest. The reason for the end is not hidden.
    await remove().catch(throwIfLost);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // One that is staged is the caller's.
    if (!this.#isStaged) await this.#upload?.stop();
  }

  #isPartFull(): boolean {
    const number = (this.#upload?.sentParts ?? 0) + 1;
    return this.#buffer.length > 0 && this.#buffer.length === partLength(this.#plan, number);
  }

  #append(bytes: Uint8Array, limit: number): number {
    this.#buffer.append(bytes, limit);
    this.#digests.update(bytes);
    this.#recorder?.update(bytes);
    this.#sizeBytes += bytes.length;
    return bytes.length;
  }

  async #sendPart(): Promise<void> {
    const isFull = this.#isPartFull();
    const states = this.#digests.save();
    this.#upload ??= await this.#begin();
    this.#buffer = await this.#upload.send(this.#buffer, {
      milestone: isFull ? { bytes: this.#sizeBytes, states } : undefined,
      validator: this.validator,
      signal: this.#signal,
    });
  }

  /** Takes the lock before there is an upload, so that nobody has to search for one of which there is no record. */
  async #begin(): Promise<PartUpload> {
    const { identity, lease, partsInFlight, store, key } = this.#place;
    const mark = this.#mark;
    await lease.save({ ...identity, bytes: 0 });
    const uploadId = await store.createUpload(key, metadataOf(mark, this.#stated), this.#signal);
    const state = { uploadId, mark, plan: this.#plan, milestones: [], ...defined({ stated: this.#stated }) };
    const upload = new PartUpload({ store, key, lease, identity, partsInFlight, state });
    await upload.record(this.validator);
    return upload;
  }

  #put(digest: Digest, condition: Condition, signal: AbortSignal): Promise<string> {
    const { bytes } = this.#buffer;
    const sha256 = createHash("sha256").update(bytes).digest();
    const metadata = metadataOf(this.#mark, digest);
    return this.#place.store.put(this.#place.key, { bytes, sha256 }, { condition, metadata, signal });
  }

  /** The metadata of an upload is fixed when it begins. */
  #assertStatement(): void {
    const stated = this.#upload?.stated;
    const computed = stated && this.#digests.digest(stated.algorithm);
    if (stated === undefined || computed?.hex === stated.hex) return;
    const path = this.#place.store.locationOf(this.#place.key);
    const why = "the server states another checksum than when the upload began";
    throw new TransferError(`Cannot write ${quote(path)}: ${why}`, { problem: "disk", path });
  }

  #digestBy(algorithm: DigestAlgorithm): Digest {
    const digest = this.#digests.digest(algorithm);
    if (digest !== undefined) return digest;
    // What is there can never be compared: the next run starts over.
    this.#isIncomparable = true;
    const path = this.#place.store.locationOf(this.#place.key);
    const why = `an earlier run began it, and did not save the state of its ${algorithm}`;
    throw new TransferError(`Cannot compare ${quote(path)}: ${why}`, { problem: "disk", path });
  }

  #kept(): ReturnType<ArchiveRecorder["archive"]> {
    if (this.#recorder === undefined) throw new NotRecorded();
    return this.#recorder.archive(this.#sizeBytes);
  }
}

function throwIfLost(error: unknown): void {
  if (error instanceof LockLostError) throw error;
}
