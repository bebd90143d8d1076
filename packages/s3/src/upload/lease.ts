import { createHash } from "node:crypto";
import { systemClock, TransferError } from "@carrel/core";
import { backOffMs, sleep } from "@carrel/core/kit";
import { quote } from "@carrel/node-stream/fs";
import { describeOwner, isDead, LockLostError, newOwner } from "@carrel/node-stream/sink";
import type { LockOwner, SinkItem } from "@carrel/node-stream/sink";
import { isWorthRepeating } from "../store/store-error.ts";
import { ConditionFailed } from "../store/store.ts";
import type { Store } from "../store/store.ts";
import type { ObjectText } from "../store/store-objects.ts";
import { parseUploadRecord } from "./upload-record.ts";
import type { UploadRecord } from "./upload-record.ts";

/** How often a record changes while its owner lives. */
const beatMs = 5_000;
/** A record that did not change for so long has a dead owner. Four beats. */
const staleMs = 20_000;
const pollMs = 1_000;
/** Shorter waits are not worth a word. */
const silentWaitMs = 2_000;

const maxAttempts = 6;
const pauses = { firstMs: 200, longestMs: 5_000 };

/** What a record says, without who holds it. */
export type RecordContent = Omit<UploadRecord, "format" | "owner" | "beat">;

/** Where a lease is, and for whom. */
export interface LeasePlace {
  readonly store: Store;
  readonly key: string;
  /** The file, for messages. */
  readonly name: string;
  /**
   * What its holder does with it, for messages.
   * @defaultValue "downloaded to this store"
   */
  readonly doing?: string;
  /** Makes the error for a lock that a living process holds, in place of a `TransferError`. */
  readonly inUse?: (holder: string) => Error;
  /** Whether the process that holds it was seen to stand still already: then that is not waited for again. */
  readonly isStill?: (owner: LockOwner) => boolean;
}

/**
 * The record of a file in the works, which is its lock as well: an object that is only ever written if it is what this process
 * wrote or read last, so that of two processes that hold it one fails at its next write. It is written only when there is
 * something to say: a file of one part needs no lock, because it arrives in one request with a condition.
 *
 * Another process's record is taken over when it did not change for 20 seconds, or at once if that process is proved to be dead.
 */
export class Lease {
  readonly #place: LeasePlace;
  readonly #owner = newOwner();
  readonly #before: LockOwner | undefined;
  #content: RecordContent | undefined;
  #etag: string | undefined;
  #isHeld = false;
  #beat = 0;
  #writing: Promise<void> = Promise.resolve();
  #isDirty = false;
  #failure: unknown;
  readonly #lost = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  private constructor(place: LeasePlace, found: ObjectText | undefined, before: LockOwner | undefined) {
    this.#place = place;
    this.#etag = found?.etag;
    this.#before = before;
  }

  /**
   * Reads what an earlier run recorded, and takes it over.
   *
   * @throws `TransferError` `locked`: a living process has it.
   */
  static async open(place: LeasePlace, { onWait }: Pick<SinkItem, "onWait">, signal: AbortSignal): Promise<Lease> {
    const { key, name, store } = place;
    for (;;) {
      signal.throwIfAborted();
      const found = await store.readText(key, signal);
      const record = found && parseUploadRecord(found.text);
      const owner = record?.owner;
      if (found !== undefined && owner !== undefined && !isDead(owner) && place.isStill?.(owner) !== true) {
        const holder = describeOwner(owner);
        const end = await watch(place, found, (leftMs) => onWait?.(name, { holder, leftMs }), signal);
        if (end === "alive") throw lockedError(place, holder);
        if (end === "changed") continue;
      }
      const lease = new Lease(place, found, owner);
      if (found === undefined) return lease;
      try {
        lease.#beat = record?.beat ?? 0;
        await lease.save({ ...recordContent(record) });
        return lease;
      } catch (error) {
        if (!(error instanceof LockLostError)) throw error;
      }
    }
  }

  /** What is recorded; `undefined` if nothing is. */
  get content(): RecordContent | undefined {
    return this.#content;
  }

  /** Whether a process is the one that the record was taken over from. */
  isFrom({ host, kernel, namespace, pid, startTicks }: LockOwner): boolean {
    const before = this.#before;
    const isSameProcess = before?.host === host && before.pid === pid && before.startTicks === startTicks;
    return isSameProcess && before.kernel === kernel && before.namespace === namespace;
  }

  /** Whether there is a record, which is this process's. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Aborted when the record could not be written any more: another process has it, or the store is gone. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Records something, and so takes the lock. Calls that come while a record is written become one. */
  async save(content: RecordContent): Promise<void> {
    this.#content = content;
    this.#isDirty = true;
    this.#writing = this.#writing.then(() => this.#flush());
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** @throws LockLostError another process took the record over. */
  async assertHeld(): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#isHeld) return;
    const found = await this.#place.store.readText(this.#place.key);
    if (!this.#isOwn(found)) throw (this.#failure = lostError(this.#place));
  }

  /** Removes the record. */
  async remove(): Promise<void> {
    this.#stopBeating();
    await this.#writing;
    this.#content = undefined;
    if (!this.#isHeld) return;
    await this.assertHeld();
    this.#isHeld = false;
    await this.#place.store.delete(this.#place.key);
    this.#etag = undefined;
  }

  /** Leaves the record, if there is one, for a later run. Never rejects. */
  async release(): Promise<void> {
    this.#stopBeating();
    await this.#writing;
    if (!this.#isHeld || this.#failure !== undefined) return;
    this.#isHeld = false;
    await this.#write(false).catch(() => {});
  }

  async #flush(): Promise<void> {
    if (!this.#isDirty || this.#failure !== undefined) return;
    this.#isDirty = false;
    try {
      await this.#write(true);
      this.#isHeld = true;
      this.#startBeating();
    } catch (error) {
      this.#stopBeating();
      this.#failure = error;
      this.#lost.abort(error);
    }
  }

  async #write(isHeld: boolean): Promise<void> {
    const { key, store } = this.#place;
    const wasHeld = this.#isHeld || this.#etag !== undefined;
    for (let attempt = 1; ; attempt++) {
      this.#beat += 1;
      const record: UploadRecord = {
        format: 1,
        ...(this.#content ?? { bytes: 0 }),
        ...(isHeld && { owner: this.#owner }),
        beat: this.#beat,
      };
      const condition = this.#etag === undefined ? ({ absent: true } as const) : { etag: this.#etag };
      try {
        this.#etag = await store.put(key, hashed(JSON.stringify(record)), {
          condition,
          contentType: "application/json",
        });
        return;
      } catch (error) {
        // The answer to an earlier attempt may have been lost.
        const found = await store.readText(key);
        if (this.#isOwn(found) && found?.etag !== this.#etag) this.#etag = found?.etag;
        else if (error instanceof ConditionFailed) {
          throw wasHeld ? lostError(this.#place) : lockedError(this.#place, ownerOf(found));
        } else if (attempt >= maxAttempts || !isWorthRepeating(error)) throw error;
      }
      await sleep(systemClock, backOffMs(attempt, pauses, Math.random()));
    }
  }

  #isOwn(found: ObjectText | undefined): boolean {
    return found !== undefined && parseUploadRecord(found.text)?.owner?.token === this.#owner.token;
  }

  #startBeating(): void {
    this.#timer ??= setInterval(() => {
      if (this.#content !== undefined) this.save(this.#content).catch(() => {});
    }, beatMs).unref();
  }

  #stopBeating(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** Watches a record that another process holds. */
async function watch(
  { key, store }: LeasePlace,
  first: ObjectText,
  onWait: (leftMs: number) => void,
  signal: AbortSignal,
): Promise<"alive" | "changed" | "gone"> {
  let isReported = false;
  let stillMs = 0;
  for (let last = performance.now(); stillMs < staleMs;) {
    await sleep(systemClock, pollMs, signal);
    const now = performance.now();
    // If this process was held up itself, the holder may have been as well, and gets its time.
    stillMs += Math.min(now - last, 2 * pollMs);
    last = now;
    const current = await store.readText(key, signal);
    if (current === undefined) return "changed";
    if (current.etag !== first.etag) return parseUploadRecord(current.text)?.owner === undefined ? "changed" : "alive";
    if (isReported || stillMs < silentWaitMs) continue;
    isReported = true;
    onWait(Math.round(staleMs - stillMs));
  }
  return "gone";
}

function recordContent(record: UploadRecord | undefined): RecordContent {
  if (record === undefined) return { bytes: 0 };
  const { beat: _beat, format: _format, owner: _owner, ...content } = record;
  return content;
}

function hashed(text: string): { readonly bytes: Buffer; readonly sha256: Buffer } {
  const bytes = Buffer.from(text);
  return { bytes, sha256: createHash("sha256").update(bytes).digest() };
}

function ownerOf(found: ObjectText | undefined): string {
  return describeOwner(found && parseUploadRecord(found.text)?.owner);
}

function lockedError(
  { doing = "downloaded to this store", inUse, key, name, store }: LeasePlace,
  holder: string,
): Error {
  if (inUse !== undefined) return inUse(holder);
  return new TransferError(`${quote(name)} is being ${doing} by another process (${holder})`, {
    problem: "locked",
    path: store.locationOf(key),
  });
}

function lostError({ key, store }: LeasePlace): LockLostError {
  const location = store.locationOf(key);
  return new LockLostError(
    `Lost the record ${quote(location)}: another process took it over while this one did not respond, or it was removed`,
    location,
  );
}
