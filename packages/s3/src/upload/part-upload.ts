import { createHash } from "node:crypto";
import { systemClock } from "@carrel/core";
import { abortable, defined, sleep } from "@carrel/core/kit";
import type { Digest, TransferValidator } from "@carrel/node-stream";

import type { Lease } from "./lease.ts";
import { PartBuffer } from "./part-buffer.ts";
import { StoreError } from "../store/store-error.ts";
import type { Condition } from "../store/store-features.ts";
import type { Store } from "../store/store.ts";
import type { UploadedPart } from "../store/store-objects.ts";
import type { Identity, Milestone, UploadState } from "./upload-record.ts";

/** What an upload of parts needs. */
export interface PartUploadParts {
  readonly store: Store;
  readonly key: string;
  readonly lease: Lease;
  readonly identity: Identity;
  readonly partsInFlight: number;
  readonly state: UploadState;
  /** The parts of earlier runs that are trusted. */
  readonly parts?: readonly UploadedPart[];
}

/** After which part bytes can be resumed. */
type Step = Pick<Milestone, "bytes" | "states">;

/** Older ones are not needed: the last one may turn out to be all of the file, and then the one before counts. */
const keptMilestones = 2;
/** How long parts that are on their way may still take once no more are wanted. */
const graceMs = 5_000;
const maxAborts = 5;
const pauseMs = 500;
/** Of a part that arrives damaged. */
const maxTransfers = 3;

/** Returns the chain over the lengths and ETags of parts. */
export function chainOf(before: string, { bytes, etag, number }: UploadedPart): string {
  return createHash("sha256").update(`${before}\n${number} ${bytes} ${etag}`).digest("base64");
}

/** An upload in parts. At most `partsInFlight` of them are on their way at once; how far it is, is recorded after each. */
export class PartUpload {
  readonly #setup: PartUploadParts;
  readonly #abort = new AbortController();
  readonly #parts = new Map<number, UploadedPart>();
  readonly #steps = new Map<number, Step>();
  readonly #inFlight = new Set<Promise<void>>();
  readonly #free: PartBuffer[] = [];
  #milestones: readonly Milestone[];
  #validator: TransferValidator | undefined;
  #sentParts: number;
  #failure: unknown;

  constructor(setup: PartUploadParts) {
    this.#setup = setup;
    const { milestones, validator } = setup.state;
    this.#milestones = milestones;
    this.#validator = validator;
    for (const part of setup.parts ?? []) this.#parts.set(part.number, part);
    this.#sentParts = this.#parts.size;
  }

  get mark(): string {
    return this.#setup.state.mark;
  }

  get stated(): Digest | undefined {
    return this.#setup.state.stated;
  }

  /** Parts that were sent, or are on their way. */
  get sentParts(): number {
    return this.#sentParts;
  }

  /** Whether a later run can resume anything. */
  get hasMilestone(): boolean {
    return this.#milestones.length > 0;
  }

  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Sends a part as soon as fewer are on their way than may be. Returns an empty buffer. */
  async send(
    buffer: PartBuffer,
    options: {
      readonly milestone: Step | undefined;
      readonly validator: TransferValidator | undefined;
      readonly signal: AbortSignal;
    },
  ): Promise<PartBuffer> {
    const { milestone, signal, validator } = options;
    while (this.#inFlight.size >= this.#setup.partsInFlight) await abortable(Promise.race(this.#inFlight), signal);
    this.throwIfFailed();
    this.#validator = validator;
    this.#sentParts += 1;
    const number = this.#sentParts;
    if (milestone !== undefined) this.#steps.set(number, milestone);
    const sending = this.#send(number, buffer).catch((error: unknown) => {
      this.#failure ??= error;
    });
    const done = sending.then(() => void this.#inFlight.delete(done));
    this.#inFlight.add(done);
    return this.#free.pop() ?? new PartBuffer();
  }

  /** Waits until all parts have arrived. */
  async settled(): Promise<void> {
    await Promise.all(this.#inFlight);
    this.throwIfFailed();
  }

  /** Waits for parts that are on their way, but not for long, and then no longer sends any. */
  async settleSoon(): Promise<void> {
    const timer = setTimeout(() => this.#abort.abort(), graceMs);
    await Promise.all(this.#inFlight);
    clearTimeout(timer);
  }

  /** Makes an object of the parts. Returns its ETag. */
  complete(condition: Condition, signal: AbortSignal): Promise<string> {
    const { key, state, store } = this.#setup;
    const parts = [...this.#parts.values()].toSorted((left, right) => left.number - right.number);
    return store.completeUpload({ key, uploadId: state.uploadId }, parts, { condition, signal });
  }

  /** Stops sending; leaves what was sent. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#inFlight);
  }

  /**
   * Removes what was sent. Waits for parts that are on their way, because a store may keep one that arrives later, and looks again
   * if it could not wait.
   */
  async abort(): Promise<void> {
    await this.settleSoon();
    const { key, state, store } = this.#setup;
    const { uploadId } = state;
    for (let attempt = 0; attempt < maxAborts; attempt++) {
      await store.abortUpload({ key, uploadId });
      if (!this.#abort.signal.aborted || (await store.listParts(key, uploadId)) === undefined) return;
      await sleep(systemClock, pauseMs);
    }
  }

  /** Records how far the upload is. */
  async record(validator: TransferValidator | undefined = this.#validator): Promise<void> {
    const { identity, lease, state } = this.#setup;
    this.#validator = validator;
    const upload: UploadState = { ...state, milestones: this.#milestones, ...defined({ validator }) };
    await lease.save({ ...lease.content, ...identity, bytes: this.#milestones.at(-1)?.bytes ?? 0, upload });
  }

  async #send(number: number, buffer: PartBuffer): Promise<void> {
    const { key, state, store } = this.#setup;
    const { bytes } = buffer;
    const sha256 = createHash("sha256").update(bytes).digest();
    const upload = { key, uploadId: state.uploadId };
    const part = await repeatDamaged(() => store.uploadPart(upload, number, { bytes, sha256 }, this.#abort.signal));
    buffer.clear();
    this.#free.push(buffer);
    this.#parts.set(number, part);
    if (this.#advance()) await this.record();
  }

  /** Moves the milestone over parts that have arrived without a gap. */
  #advance(): boolean {
    const before = this.#milestones;
    for (;;) {
      const last = this.#milestones.at(-1);
      const number = (last?.parts ?? 0) + 1;
      const part = this.#parts.get(number);
      const step = this.#steps.get(number);
      if (part === undefined || step === undefined) return this.#milestones !== before;
      this.#steps.delete(number);
      const milestone: Milestone = { ...step, parts: number, chain: chainOf(last?.chain ?? "", part) };
      this.#milestones = [...this.#milestones, milestone].slice(-keptMilestones);
    }
  }
}

/** Sends again what arrived as other bytes: the store has noticed that, and kept nothing. */
async function repeatDamaged<T>(send: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      const isDamaged = error instanceof StoreError && error.obstacle === "damaged";
      if (!isDamaged || attempt >= maxTransfers) throw error;
    }
  }
}
