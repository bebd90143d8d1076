import { systemClock } from "@carrel/core";
import { sleep } from "@carrel/core/kit";
import type { FileFacts } from "./item-source.ts";

/** Time as {@link settledFacts} sees it. */
export interface FactsClock {
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The clock of the process. */
export const realClock: FactsClock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(systemClock, ms, signal),
};

/** How long facts are waited for unless something else was asked for. */
export const defaultFactsTimeoutMs = 5_000;

/** Pauses between one question and the next, in milliseconds: most servers need a moment, some a few seconds. */
const pausesMs: readonly number[] = [50, 200, 750, 1_500, 2_500, 5_000];
/** How long a checksum is waited for from a server that has not stated one after a download so far. */
const unknownMs = 1_000;
/** How long anything is waited for from a server that has proved not to state it … */
const unlikelyMs = 250;
/** … for so many files in a row. */
const silentFiles = 3;

/** Whether a server states something after the last byte of a file, learned from the files before. */
class Habit {
  #stated = false;
  #silent = 0;

  /** How long it is worth waiting, where the caller waits for `timeoutMs` at most and `firstMs` before anything is known. */
  windowMs(timeoutMs: number, firstMs: number): number {
    if (this.#silent >= silentFiles) return Math.min(unlikelyMs, timeoutMs);
    return this.#stated ? timeoutMs : Math.min(firstMs, timeoutMs);
  }

  stated(): void {
    this.#stated = true;
    this.#silent = 0;
  }

  silent(): void {
    this.#silent += 1;
  }
}

/**
 * What a server is known to state of files after their last byte. Kept for each client, so that hundreds of items from a
 * server that states no checksums do not wait for them hundreds of times.
 */
export class ServerHabits {
  static readonly #ofClients = new WeakMap<object, ServerHabits>();
  readonly size: Habit = new Habit();
  readonly checksum: Habit = new Habit();

  static of(client: object): ServerHabits {
    let habits = ServerHabits.#ofClients.get(client);
    if (habits === undefined) ServerHabits.#ofClients.set(client, (habits = new ServerHabits()));
    return habits;
  }
}

interface SettledFactsOptions {
  /** Bytes that arrived. */
  readonly bytes: number;
  readonly habits: ServerHabits;
  /** The longest wait, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly clock: FactsClock;
}

/**
 * Asks about a file whose last byte arrived until the server has stated what it owes. A server notices the end of a
 * transfer a moment after the client: until then the length is missing or another one, and the checksum is missing.
 *
 * - A checksum ends the wait, and so does a length that is more than arrived: then there is more to fetch.
 * - A missing length is waited for as long as `timeoutMs`, because the vendor guarantees it; one that is less than arrived
 *   as well, also beside a checksum, which may have been known before the download.
 * - A missing checksum beside the right length is waited for as long as `timeoutMs` where the server stated one after an
 *   earlier download; for a second while that is not known; and for a quarter of one where three files had none.
 */
export async function settledFacts(ask: () => Promise<FileFacts>, options: SettledFactsOptions): Promise<FileFacts> {
  const { bytes, habits, timeoutMs, signal, clock } = options;
  const startedAt = clock.now();
  let sizedAt: number | undefined;
  for (let round = 0; ; round++) {
    const facts = await ask();
    const { sizeBytes, checksum, isFinal } = facts;
    if (checksum !== undefined) habits.checksum.stated();
    const isSettled = checksum !== undefined && (sizeBytes === undefined || sizeBytes === bytes);
    if (isFinal || isSettled || (sizeBytes !== undefined && sizeBytes > bytes)) return facts;
    const now = clock.now();
    if (sizeBytes === bytes) {
      sizedAt ??= now;
      habits.size.stated();
    }
    const windowEnds =
      sizedAt === undefined
        ? startedAt + habits.size.windowMs(timeoutMs, timeoutMs)
        : sizedAt + habits.checksum.windowMs(timeoutMs, unknownMs);
    const leftMs = Math.min(windowEnds, startedAt + timeoutMs) - now;
    if (leftMs <= 0) {
      if (sizeBytes === undefined) habits.size.silent();
      if (checksum === undefined) habits.checksum.silent();
      return facts;
    }
    await clock.sleep(Math.min(leftMs, pausesMs[round] ?? timeoutMs), signal);
  }
}
