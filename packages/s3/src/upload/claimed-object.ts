import { TransferError } from "@carrel/core";
import { LockLostError } from "@carrel/node-stream/sink";
import type { ClaimedFile, PartialOptions, PublishOptions, RecordedVerdict } from "@carrel/node-stream/sink";
import { existsError } from "./commit-object.ts";
import type { Lease } from "./lease.ts";
import { PartialObject } from "./partial-object.ts";
import type { Beginning, FilePlace } from "./partial-object.ts";
import { planParts } from "./part-plan.ts";
import { chainOf, PartUpload } from "./part-upload.ts";
import { RunningDigests } from "./running-digests.ts";
import type { Store } from "../store/store.ts";
import type { UploadedPart } from "../store/store-objects.ts";
import { isSameContent } from "./upload-record.ts";
import type { Identity, Milestone, UploadState } from "./upload-record.ts";

/** What a claim is made of. */
export interface ClaimParts {
  readonly store: Store;
  readonly key: string;
  readonly identity: Omit<Identity, "contentVersion">;
  readonly lease: Lease;
  readonly smallestPartBytes: number;
  readonly partsInFlight: number;
  /** See `FilePlace`. */
  readonly assertHeld?: (() => Promise<void>) | undefined;
  readonly onPublished: (etag: string) => void;
  /** See `FilePlace`: then the claim lasts until {@link ClaimedObject.end}. */
  readonly stage?: ((staged: PartialObject, options: PublishOptions) => Promise<void>) | undefined;
}

/** A name in a store, for one run. */
export class ClaimedObject implements ClaimedFile {
  readonly name: string;
  readonly location: string;
  readonly #parts: ClaimParts;
  #isStaged = false;

  constructor(parts: ClaimParts) {
    this.name = parts.identity.file;
    this.location = parts.store.locationOf(parts.key);
    const stage = parts.stage && this.#stage(parts.stage);
    this.#parts = { ...parts, stage };
  }

  async assertAbsent(): Promise<void> {
    const { key, store } = this.#parts;
    if ((await store.head(key)) !== undefined) throw existsError(store, key, "already exists");
  }

  async openPartial(options: PartialOptions): Promise<PartialObject> {
    options.signal.throwIfAborted();
    const { identity, smallestPartBytes, ...parts } = this.#parts;
    const place = { ...parts, identity: { ...identity, contentVersion: options.contentVersion } };
    const resumed = options.resume ? await this.#resume(place, options) : undefined;
    if (resumed !== undefined) return new PartialObject(place, options, resumed);
    await this.#abandon();
    const digests = await RunningDigests.open(options.algorithms);
    const plan = planParts(options.sizeBytes, smallestPartBytes);
    return new PartialObject(place, options, { plan, digests, upload: undefined, sizeBytes: 0, validator: undefined });
  }

  async readVerdict(contentVersion: string): Promise<RecordedVerdict | undefined> {
    const content = this.#parts.lease.content;
    const wanted = { ...this.#parts.identity, contentVersion };
    return content !== undefined && isSameContent(content, wanted) ? content.verdict : undefined;
  }

  async forget(): Promise<void> {
    if (this.#isStaged) return;
    await this.#abandon().catch((error: unknown) => {
      if (!(error instanceof LockLostError)) throw error;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isStaged) await this.end();
  }

  /** Ends the claim, and leaves the record if a later run can use it. */
  async end(): Promise<void> {
    const { lease } = this.#parts;
    const isUseful = lease.content?.upload !== undefined || lease.content?.verdict !== undefined;
    if (isUseful) await lease.release();
    else await lease.remove().catch(ignoreOwn);
  }

  #stage(stage: NonNullable<ClaimParts["stage"]>): NonNullable<ClaimParts["stage"]> {
    return async (staged, options) => {
      this.#isStaged = true;
      await stage(staged, options);
    };
  }

  /** Continues the upload of an earlier run after the last part of which the digests were saved. */
  async #resume(place: FilePlace, options: PartialOptions): Promise<Beginning | undefined> {
    const { content } = this.#parts.lease;
    if (content?.upload === undefined || !isSameContent(content, place.identity)) return undefined;
    const { upload } = content;
    const { checksum, mayBeAll, signal } = options;
    const isContradicted = upload.stated?.algorithm === checksum?.algorithm && upload.stated?.hex !== checksum?.hex;
    if (isContradicted) return undefined;
    const parts = await place.store.listParts(place.key, upload.uploadId, signal);
    const milestone = upload.milestones.findLast(({ bytes }) => !mayBeAll(bytes));
    const trusted = milestone && trustedParts(milestone, parts ?? []);
    if (milestone === undefined || trusted === undefined) return undefined;
    const digests = await RunningDigests.load(options.algorithms, milestone.states);
    if (digests === undefined) return undefined;
    const { bytes: sizeBytes } = milestone;
    const state: UploadState = { ...upload, milestones: upload.milestones.filter(({ bytes }) => bytes <= sizeBytes) };
    const { validator, plan } = upload;
    return { plan, digests, upload: new PartUpload({ ...place, state, parts: trusted }), sizeBytes, validator };
  }

  /** Removes whatever earlier runs left. There is something only if there is a record. */
  async #abandon(): Promise<void> {
    const { key, lease, store } = this.#parts;
    const { content } = lease;
    if (content === undefined) return;
    // An upload of a record that another process took over is that one's.
    await lease.assertHeld();
    if (content.upload !== undefined) await store.abortUpload({ key, uploadId: content.upload.uploadId });
    // A run that was killed as it began one did not record it.
    else if (content.verdict === undefined) await store.abortUploads(key);
    await lease.remove();
  }
}

/** Returns the parts before a milestone, if they are all there and are those that it was recorded after. */
function trustedParts(
  { bytes, chain, parts: count }: Milestone,
  listed: readonly UploadedPart[],
): readonly UploadedPart[] | undefined {
  const parts = listed.filter(({ number }) => number <= count).toSorted((left, right) => left.number - right.number);
  const isComplete = parts.length === count && parts.every(({ number }, index) => number === index + 1);
  const total = parts.reduce((sum, part) => sum + part.bytes, 0);
  return isComplete && total === bytes && parts.reduce(chainOf, "") === chain ? parts : undefined;
}

function ignoreOwn(error: unknown): void {
  if (!(error instanceof TransferError)) throw error;
}
