import { CarrelError } from "../errors/carrel-error.ts";
import { ServerError } from "../errors/call-errors.ts";
import { TransferError } from "../errors/transfer-errors.ts";
import type { Clock } from "../kit/time.ts";
import type { NextAttempt } from "../download/download-event.ts";
import { backOffMs } from "../kit/back-off.ts";
import { defined } from "../kit/objects.ts";
import { sleep } from "../kit/time.ts";

/** The longest wait between two attempts, whatever the server asks for. */
const longestDelayMs = 20_000;

/** Attempts after the first, where nothing else is given. */
const defaultLimit = 5;

/**
 * How long, and how often, failures in a row are overcome.
 *
 * @private Does not follow semantic versioning.
 */
export interface PatienceSettings {
  /** Failures in a row to overcome; `undefined` for {@link defaultLimit}, which then does not limit outages that have a time. */
  readonly resumeLimit: number | undefined;
  /** How long outages in a row are overcome; `undefined` for no limit but their number. */
  readonly retryForMs: number | undefined;
  /** Upper bound of the first delay. */
  readonly resumeDelayMs: number;
  readonly clock: Clock;
}

/**
 * What failed.
 *
 * @private Does not follow semantic versioning.
 */
export interface FailedAttempt {
  readonly isOutage: boolean;
  /** How long the server asks to wait. */
  readonly delayMs?: number | undefined;
}

/**
 * Counts failures in a row, and decides when the next attempt takes place. An outage (no connection, no data, a busy server)
 * passes with time, so that time limits it; what the server answers otherwise does not, so that its number does.
 *
 * @private Does not follow semantic versioning.
 */
export class Patience {
  /** Failures in a row so far. */
  failures = 0;
  readonly #settings: PatienceSettings;
  /** Those in a row that are no outages. */
  #answers = 0;
  #sinceMs = 0;

  constructor(settings: PatienceSettings) {
    this.#settings = settings;
  }

  /** There was progress: what fails from now on is the first again. */
  reset(): void {
    this.failures = 0;
    this.#answers = 0;
  }

  /** Counts a failure. Returns when the next attempt takes place; `undefined` where there is none. */
  next(failure: FailedAttempt): Omit<NextAttempt, keyof Traces> | undefined {
    const { resumeLimit, retryForMs, resumeDelayMs, clock } = this.#settings;
    const nowMs = clock.now();
    if (this.failures === 0) this.#sinceMs = nowMs;
    this.failures += 1;
    if (!failure.isOutage) this.#answers += 1;
    const counted = resumeLimit === undefined && retryForMs !== undefined ? this.#answers : this.failures;
    if (counted > (resumeLimit ?? defaultLimit)) return undefined;
    const leftMs = failure.isOutage && retryForMs !== undefined ? this.#sinceMs + retryForMs - nowMs : undefined;
    if (leftMs !== undefined && leftMs <= 0) return undefined;
    const bounds = { firstMs: resumeDelayMs, longestMs: longestDelayMs };
    // A server that answers again, if only that the session is gone, need not be spared for the sake of the outage before.
    const count = failure.isOutage ? this.failures : this.#answers;
    const wantedMs = Math.min(failure.delayMs ?? backOffMs(count, bounds, Math.random()), longestDelayMs);
    // The last attempt takes place when the time is over.
    return { failures: this.failures, delayMs: Math.min(wantedMs, leftMs ?? Infinity), ...defined({ leftMs }) };
  }
}

/**
 * The patience of work that has several parts, such as the files of an item or the items of a library. An outage that one
 * part has waited out in vain is not waited out again by those after it, until bytes arrive.
 *
 * @private Does not follow semantic versioning.
 */
export class SharedPatience {
  readonly #retryForMs: number | undefined;
  #isSpent = false;

  constructor(retryForMs: number | undefined) {
    this.#retryForMs = retryForMs;
  }

  /** How long the next part overcomes outages, in milliseconds. */
  get retryForMs(): number | undefined {
    return this.#isSpent ? 0 : this.#retryForMs;
  }

  /** Bytes arrived: there is no outage, or it is over. */
  progressed(): void {
    this.#isSpent = false;
  }

  /** Notes a failure. Returns whether the parts that are left would fail likewise: not even a call was answered for that long. */
  failed(error: unknown): boolean {
    if (this.#retryForMs === undefined || !isOutage(error)) return false;
    // An item that is being changed, say.
    if (error instanceof ServerError && error.errorType === "RESOURCE_BUSY") return false;
    this.#isSpent = true;
    return error.code !== "TRANSFER";
  }
}

/**
 * Returns whether an error means that the server, or the way to it, is out of order, which passes with time.
 *
 * @private Does not follow semantic versioning.
 */
export function isOutage(error: unknown): error is CarrelError {
  if (!(error instanceof CarrelError) || !error.retryable) return false;
  if (error instanceof TransferError) {
    return error.problem === "broken" || error.problem === "stalled" || error.problem === "busy";
  }
  return error.code === "TRANSPORT" || error.code === "TIMEOUT" || error.code === "BUSY";
}

/** What a failure is known by besides its message. */
type Traces = Pick<NextAttempt, "systemCode" | "status" | "origin">;

/**
 * Returns the code of the system, or the status of the answer, and who should have answered.
 *
 * @private Does not follow semantic versioning.
 */
export function tracesOf(error: CarrelError): Traces {
  const { status, origin } = error as Traces;
  return defined({ systemCode: systemCodeIn(error), status, origin });
}

function systemCodeIn(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 10; cause = cause.cause, depth += 1) {
    const { code } = cause as { readonly code?: unknown };
    if (typeof code === "string" && /^E[A-Z]/u.test(code)) return code;
  }
  return undefined;
}

/**
 * How {@link overcome} waits.
 *
 * @private Does not follow semantic versioning.
 */
export interface OvercomeOptions {
  /** How long outages are overcome; with `undefined` the first one is thrown. */
  readonly retryForMs: number | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called before each wait. */
  readonly onRetry?: (cause: CarrelError, next: NextAttempt) => void;
}

/** Upper bound of the first wait between two calls. The client has repeated each of them several times already. */
const firstCallDelayMs = 1_000;

/**
 * Makes calls that are safe to repeat until they succeed, or an outage lasts longer than `retryForMs`.
 *
 * @private Does not follow semantic versioning.
 */
export async function overcome<T>(work: () => Promise<T>, options: OvercomeOptions): Promise<T> {
  const { retryForMs, clock, signal, onRetry } = options;
  if (retryForMs === undefined) return await work();
  const patience = new Patience({ resumeLimit: undefined, retryForMs, resumeDelayMs: firstCallDelayMs, clock });
  for (;;) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      const next = isOutage(error) ? patience.next({ isOutage: true }) : undefined;
      if (next === undefined) throw error;
      onRetry?.(error as CarrelError, { ...next, ...tracesOf(error as CarrelError) });
      await sleep(clock, next.delayMs, signal);
    }
  }
}
