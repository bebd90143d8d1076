import { systemClock, TransferError } from "@carrel/core";
import { backOffMs, sleep } from "@carrel/core/kit";
import { quote } from "@carrel/node-stream/fs";
import type { Digest } from "@carrel/node-stream";
import type { Replaceable } from "@carrel/node-stream/sink";
import { ExistingObject } from "./existing-object.ts";
import { markOf } from "./metadata.ts";
import { isWorthRepeating } from "../store/store-error.ts";
import { ConditionFailed } from "../store/store.ts";
import type { Condition } from "../store/store-features.ts";
import type { Store } from "../store/store.ts";
import type { ObjectHead } from "../store/store-objects.ts";

const maxAttempts = 6;
const pauses = { firstMs: 200, longestMs: 5_000 };

/** An object that is complete but for its last request. */
export interface NewObject {
  readonly sizeBytes: number;
  readonly digest: Digest;
  /** Is in its metadata. */
  readonly mark: string;
  /** The last request. Returns the ETag. */
  readonly write: (condition: Condition) => Promise<string>;
}

/** What has the name in the end. */
export interface Committed {
  readonly etag: string;
  /** Whether it is the new object; else the same bytes had the name already. */
  readonly isOurs: boolean;
}

/** What an object may replace, and until when. */
export interface CommitOptions {
  readonly replaces: Replaceable;
  /** Asked before the last request. */
  readonly assertHeld?: (() => Promise<void>) | undefined;
  readonly signal: AbortSignal;
}

/**
 * Gives an object its name, if what has it may be replaced. The store compares in the same moment, so that nothing that appears
 * meanwhile is overwritten. Where the answer was lost, what is there decides whether the request is repeated.
 *
 * @throws `TransferError` `exists`: what has the name must not be replaced.
 */
export async function commitObject(
  store: Store,
  key: string,
  object: NewObject,
  { assertHeld, replaces, signal }: CommitOptions,
): Promise<Committed> {
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    const head = await store.head(key, signal);
    if (head !== undefined && replaces !== "anything") {
      if (replaces === "nothing") throw existsError(store, key, "already exists");
      if (await isSame(store, key, head, object, signal)) return { etag: head.etag, isOurs: false };
      throw existsError(store, key, "appeared during the download and differs from the downloaded file");
    }
    // After it was seen what is replaced: what the next holder of the lock has put there is not.
    await assertHeld?.();
    try {
      return { etag: await object.write(head === undefined ? { absent: true } : { etag: head.etag }), isOurs: true };
    } catch (error) {
      // The request may have succeeded although its answer says otherwise, or was lost.
      const now = await store.head(key).catch(() => undefined);
      if (now !== undefined && markOf(now.metadata) === object.mark) return { etag: now.etag, isOurs: true };
      signal.throwIfAborted();
      const isConflict = error instanceof ConditionFailed;
      if (attempt >= maxAttempts && isConflict)
        throw existsError(store, key, "is being replaced by others all the time");
      if (attempt >= maxAttempts || !(isConflict || isWorthRepeating(error))) throw error;
    }
    await sleep(systemClock, backOffMs(attempt, pauses, Math.random()), signal);
  }
}

/** Creates the error for an object that must not be replaced. */
export function existsError(store: Store, key: string, reason: string): TransferError {
  const path = store.locationOf(key);
  return new TransferError(`${quote(path)} ${reason}`, { problem: "exists", path, retryable: false });
}

async function isSame(
  store: Store,
  key: string,
  head: ObjectHead,
  { digest, sizeBytes }: NewObject,
  signal: AbortSignal,
): Promise<boolean> {
  if (head.sizeBytes !== sizeBytes) return false;
  return new ExistingObject(store, key, head).has(digest, signal);
}
