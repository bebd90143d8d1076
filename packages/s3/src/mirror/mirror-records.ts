import { createHash } from "node:crypto";
import { systemClock } from "@carrel/core";
import { backOffMs, sleep } from "@carrel/core/kit";
import { quote } from "@carrel/node-stream/fs";
import { LockLostError } from "@carrel/node-stream/sink";
import type { MirrorObjects } from "./mirror-objects.ts";
import { isWorthRepeating } from "../store/store-error.ts";
import { ConditionFailed } from "../store/store.ts";
import type { Store } from "../store/store.ts";

/** The same as in a directory. */
const recordName = ".carrel-mirror.json";
const recordsName = ".carrel-mirror.items";
const lockName = ".carrel-mirror.lock";

const maxAttempts = 6;
const pauses = { firstMs: 200, longestMs: 5_000 };

/** The name of the record of an item. */
export type ItemKey = `${string}.json`;
type RecordKey = ItemKey | "mirror";

/** What is asked before a record is read or deleted. */
export interface RecordGuard {
  readonly assertUsable: () => Promise<void>;
  /** @throws `LockLostError`: another run has the lock. */
  readonly assertHeld: () => Promise<void>;
}

/** Returns the key of the lock of a mirror, or of one of its items. @param prefix - Ends in a slash, or is empty. */
export function lockKey(prefix: string, item: ItemKey | undefined): string {
  return item === undefined ? `${prefix}${lockName}` : `${prefix}${recordsName}/${item}.lock`;
}

/**
 * The records of a mirror, as objects. One is only written if it is what this run read or wrote last: of two runs that hold one
 * lock, of the mirror or of the item, because one of them did not respond for so long that the other took it over, one fails at
 * its next record.
 */
export class MirrorRecords {
  readonly #store: Store;
  readonly #prefix: string;
  readonly #objects: MirrorObjects;
  readonly #etags = new Map<RecordKey, string>();
  readonly #guard: RecordGuard;

  /** @param prefix - Ends in a slash, or is empty. */
  constructor(store: Store, prefix: string, objects: MirrorObjects, guard: RecordGuard) {
    this.#store = store;
    this.#prefix = prefix;
    this.#objects = objects;
    this.#guard = guard;
  }

  locationOf(name: RecordKey): string {
    return this.#store.locationOf(this.#keyOf(name));
  }

  async read(name: RecordKey): Promise<string | undefined> {
    await this.#guard.assertUsable();
    const found = await this.#store.readText(this.#keyOf(name));
    if (found === undefined) this.#etags.delete(name);
    else this.#etags.set(name, found.etag);
    // A mirror that is new is compared as a whole.
    if (found === undefined && name === "mirror") this.#objects.expectAll();
    return found?.text;
  }

  async items(): Promise<readonly ItemKey[]> {
    this.#objects.expectAll();
    const names = await this.#objects.namesIn(recordsName);
    return names.filter((name): name is ItemKey => name.endsWith(".json") && !name.includes("/"));
  }

  async create(): Promise<void> {
    // A store has no directories.
  }

  /** @throws `LockLostError`: another run has written it. */
  async write(name: RecordKey, text: string): Promise<void> {
    const key = this.#keyOf(name);
    const bytes = Buffer.from(text);
    const sha256 = createHash("sha256").update(bytes).digest();
    for (let attempt = 1; ; attempt++) {
      const before = this.#etags.get(name);
      const condition = before === undefined ? ({ absent: true } as const) : { etag: before };
      try {
        const etag = await this.#store.put(key, { bytes, sha256 }, { condition, contentType: "application/json" });
        await this.#written(name, bytes.length, etag);
        return;
      } catch (error) {
        // The answer to an earlier attempt may have been lost.
        const found = await this.#store.readText(key);
        if (found?.text === text) return await this.#written(name, bytes.length, found.etag);
        if (error instanceof ConditionFailed) throw lostError(this.#store.locationOf(key));
        if (attempt >= maxAttempts || !isWorthRepeating(error)) throw error;
      }
      await sleep(systemClock, backOffMs(attempt, pauses, Math.random()));
    }
  }

  async delete(name: ItemKey): Promise<void> {
    // A store deletes on no condition.
    await this.#guard.assertHeld();
    await this.#store.delete(this.#keyOf(name));
    this.#etags.delete(name);
    await this.#objects.deleted(recordsName, name);
  }

  async deleteDrafts(): Promise<void> {
    // An object is written in one step.
  }

  async #written(name: RecordKey, sizeBytes: number, etag: string): Promise<void> {
    this.#etags.set(name, etag);
    if (name !== "mirror") await this.#objects.written(recordsName, name, { sizeBytes, etag });
  }

  #keyOf(name: RecordKey): string {
    return name === "mirror" ? `${this.#prefix}${recordName}` : this.#objects.keyOf(recordsName, name);
  }
}

function lostError(location: string): LockLostError {
  return new LockLostError(`Cannot write the mirror's record ${quote(location)}: another run has written it`, location);
}
