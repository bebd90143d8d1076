import type { Clock } from "../kit/time.ts";
import { sleep } from "../kit/time.ts";
import type { FileFacts } from "./item-source.ts";

/**
 * How long to wait for facts, if the options do not say.
 *
 * @private Does not follow semantic versioning.
 */
export const defaultFactsTimeoutMs = 5_000;

/** Pauses between one request and the next, in milliseconds: most servers need a moment, some a few seconds. */
const pausesMs: readonly number[] = [50, 200, 750, 1_500, 2_500, 5_000];
/** How long to wait for a checksum from a server that has not stated one after a download so far. */
const unknownMs = 1_000;
/** How long to wait for a length that the server never stated so far, where the transfer stated one that agrees. */
const agreedMs = 2_000;
/** How long to wait for anything that a server did not state … */
const unlikelyMs = 250;
/** … for this many files in a row. */
const silentFiles = 3;

/** Whether a server states something after the last byte of a file, learned from earlier files. */
class Habit {
  #stated = false;
  #silent = 0;

  /** Returns how long it is worth waiting: `timeoutMs` at most, and `firstMs` while nothing is known. */
  windowMs(timeoutMs: number, firstMs: number): number {
    if (this.#silent >= silentFiles) return Math.min(unlikelyMs, timeoutMs);
    return this.#stated ? timeoutMs : Math.min(firstMs, timeoutMs);
  }

  /** Does the same where little is lost by not waiting: a quarter of the time before for each file without an answer. */
  shortWindowMs(timeoutMs: number, firstMs: number): number {
    return this.windowMs(timeoutMs, Math.max(unlikelyMs, firstMs / 4 ** this.#silent));
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
 * What a server is known to state about files after their last byte. Kept for each client, so that hundreds of items of a
 * server that states no checksums do not wait for them hundreds of times.
 *
 * @private Does not follow semantic versioning.
 */
export class ServerHabits {
  static readonly #ofServers = new WeakMap<object, ServerHabits>();
  readonly size: Habit = new Habit();
  readonly checksum: Habit = new Habit();

  static of(server: object): ServerHabits {
    let habits = ServerHabits.#ofServers.get(server);
    if (habits === undefined) ServerHabits.#ofServers.set(server, (habits = new ServerHabits()));
    return habits;
  }
}

interface SettledFactsOptions {
  /** Bytes that arrived. */
  readonly bytes: number;
  /** Whether the transfer itself stated a length, and the bytes agree with it. */
  readonly lengthStated: boolean;
  readonly habits: ServerHabits;
  /** The longest wait, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/**
 * Asks about a file whose last byte arrived until the server has stated its length and checksum. A server notices the end of
 * a transfer a moment after the client: until then the length is missing or different, and the checksum is missing.
 *
 * - A checksum ends the wait, and so does a length that is more than arrived: then there is more to fetch.
 * - A missing length is waited for up to `timeoutMs`, because the vendor guarantees it. So is a length that is less than
 *   arrived, even beside a checksum, which may have been known before the download. But where the transfer stated a length that
 *   agrees, and this server has not stated one for any file, two seconds are enough, and less for the files that follow.
 * - A checksum that is missing beside the right length is waited for up to `timeoutMs` if the server stated one after an
 *   earlier download, for a second while that is not known, and for a quarter of a second after three files without one.
 *
 * @private Does not follow semantic versioning.
 */
export async function settledFacts(ask: () => Promise<FileFacts>, options: SettledFactsOptions): Promise<FileFacts> {
  const { bytes, lengthStated, habits, timeoutMs, signal, clock } = options;
  const startedAt = clock.now();
  let sizedAt: number | undefined;
  let isSizeMissing = true;
  const sizeWindowMs = (): number =>
    lengthStated && isSizeMissing
      ? habits.size.shortWindowMs(timeoutMs, agreedMs)
      : habits.size.windowMs(timeoutMs, timeoutMs);
  for (let round = 0; ; round++) {
    const facts = await ask();
    const { sizeBytes, checksum, isFinal } = facts;
    if (checksum !== undefined) habits.checksum.stated();
    if (sizeBytes === bytes) habits.size.stated();
    isSizeMissing = sizeBytes === undefined;
    const isSettled = checksum !== undefined && (sizeBytes === undefined || sizeBytes === bytes);
    if (isFinal || isSettled || (sizeBytes !== undefined && sizeBytes > bytes)) return facts;
    const now = clock.now();
    if (sizeBytes === bytes) sizedAt ??= now;
    const windowEnds =
      sizedAt === undefined ? startedAt + sizeWindowMs() : sizedAt + habits.checksum.windowMs(timeoutMs, unknownMs);
    const leftMs = Math.min(windowEnds, startedAt + timeoutMs) - now;
    if (leftMs <= 0) {
      if (sizeBytes === undefined) habits.size.silent();
      if (checksum === undefined) habits.checksum.silent();
      return facts;
    }
    await sleep(clock, Math.min(leftMs, pausesMs[round] ?? timeoutMs), signal);
  }
}
