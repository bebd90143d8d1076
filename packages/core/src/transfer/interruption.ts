import { parseRetryAfter } from "../kit/back-off.ts";
import { SessionLostError } from "../errors/session-errors.ts";
import type { ResponseHead } from "./response-head.ts";
import { IntegrityError, TransferError } from "../errors/transfer-errors.ts";
import { CarrelError } from "../errors/carrel-error.ts";
import { isOutage } from "./patience.ts";
import type { GoodVerdict, ResponseVerdict } from "./resume-rules.ts";

/**
 * Where bytes were requested, as errors state it.
 *
 * @private Does not follow semantic versioning.
 */
export interface RouteOrigins {
  readonly url: { readonly origin: string };
  /** The origin that the client is connected to, where it is known. */
  readonly clientOrigin: string | undefined;
}

/**
 * An interruption of a transfer that another attempt may overcome.
 *
 * @private Does not follow semantic versioning.
 */
export class Interruption extends Error {
  override readonly cause: CarrelError;
  /** How long the server asked to wait. */
  readonly delayMs: number | undefined;
  readonly needsEndpoint: boolean;
  /** The server, or the way to it, is out of order. */
  readonly isOutage: boolean;
  /** The server said that it is busy. */
  readonly isBusy: boolean;
  /** Attempts after which another one does not help, where that is fewer than usual. */
  readonly resumeLimit: number;

  constructor(
    cause: CarrelError,
    options: {
      readonly delayMs?: number | undefined;
      readonly needsEndpoint?: boolean;
      readonly isBusy?: boolean;
      readonly resumeLimit?: number;
    } = {},
  ) {
    super(cause.message);
    this.cause = cause;
    this.delayMs = options.delayMs;
    this.needsEndpoint = options.needsEndpoint ?? false;
    this.isOutage = isOutage(cause);
    this.isBusy = options.isBusy ?? false;
    this.resumeLimit = options.resumeLimit ?? Infinity;
  }
}

/**
 * Creates the error to fail with when the last attempt was interrupted as well.
 *
 * @private Does not follow semantic versioning.
 */
export function exhausted({ cause, isOutage: isDown }: Interruption, resumes: number, position: number): CarrelError {
  // A call of the source keeps its own error, by which it concerns all files.
  if (resumes === 0 || (isDown && !(cause instanceof TransferError))) return cause;
  const message = `${cause.message} (gave up at byte ${position} after resuming ${resumes} ${resumes === 1 ? "time" : "times"} without progress)`;
  if (cause instanceof IntegrityError) return new IntegrityError(message, { problem: cause.problem, cause });
  if (!(cause instanceof TransferError)) return new TransferError(message, { problem: "broken", cause });
  const { problem, retryable, status, origin, clientOrigin } = cause;
  return new TransferError(message, { problem, retryable, status, origin, clientOrigin, cause });
}

const refusals: Readonly<Record<number, string>> = {
  401: "the session behind it has ended, or the server requires a login",
  403: "the transfer URL does not permit it",
  404: "the transfer URL is no longer valid, as after the end of its download session",
  410: "the transfer URL is no longer valid",
};

/** What was requested, and the status of the response. */
interface Refusal {
  readonly status: number;
  readonly label: string;
  readonly route: RouteOrigins;
  /** An API session id was sent. */
  readonly isAuthenticated: boolean;
}

/**
 * Returns what to throw for a bad verdict: an interruption, where another attempt may have a better one.
 *
 * @private Does not follow semantic versioning.
 */
export function refusalOf(
  verdict: Exclude<ResponseVerdict, GoodVerdict>,
  { head, ...about }: Omit<Refusal, "status"> & { readonly head: ResponseHead },
): CarrelError | Interruption {
  const { status, retryAfter, date } = head;
  const error = verdictError(verdict, { ...about, status });
  switch (verdict.kind) {
    case "refused":
      // Without a session id, or with a renewed one that was refused too, a fresh endpoint may help once; further ones do not.
      return new Interruption(error, { needsEndpoint: true, ...(status === 401 && { resumeLimit: 1 }) });
    case "busy":
      return new Interruption(error, { isBusy: true, delayMs: parseRetryAfter(retryAfter, date) });
    case "no-range":
      return new Interruption(error, { delayMs: 0 });
    default:
      return error;
  }
}

/**
 * Creates the error for a bad verdict.
 *
 * @private Does not follow semantic versioning.
 */
function verdictError(verdict: Exclude<ResponseVerdict, GoodVerdict>, refusal: Refusal): CarrelError {
  const { status, label, route, isAuthenticated } = refusal;
  const origins = originsOf(route);
  switch (verdict.kind) {
    case "refused":
      return new TransferError(`The server refused to send ${label} (status ${status}): ${refusalReason(refusal)}`, {
        problem: "refused",
        status,
        retryable: status !== 401 || isAuthenticated,
        ...origins,
      });
    case "busy":
      return new TransferError(`The server is temporarily unable to send ${label} (status ${status})`, {
        problem: "busy",
        status,
        ...origins,
      });
    case "no-range":
      return new TransferError(`Cannot resume ${label}: ${verdict.reason}`, {
        problem: "no-range",
        status,
        ...origins,
      });
    case "changed":
    case "not-the-file":
      return new IntegrityError(`The server did not send ${label} as expected: ${verdict.reason}`, {
        problem: verdict.kind,
      });
    case "redirect":
    case "failed":
      return new TransferError(`The server answered the request for ${label} with status ${status}`, {
        problem: "refused",
        status,
        retryable: false,
        ...origins,
      });
  }
  return verdict satisfies never;
}

function refusalReason({ status, route, isAuthenticated }: Refusal): string {
  const reason = refusals[status] ?? "it gave no reason";
  const { origin, clientOrigin } = originsOf(route);
  if (clientOrigin === undefined || clientOrigin === origin) return reason;
  const unsent = status === 401 && !isAuthenticated ? ", so no session id was sent" : "";
  return `${reason} (requested from ${origin}, while the client is connected to ${clientOrigin}${unsent})`;
}

/**
 * Returns the members of a transfer's error that say where the bytes were requested.
 *
 * @private Does not follow semantic versioning.
 */
export function originsOf(route: RouteOrigins | undefined): {
  readonly origin: string | undefined;
  readonly clientOrigin: string | undefined;
} {
  return { origin: route?.url.origin, clientOrigin: route?.clientOrigin };
}

/**
 * Counts interruptions that few attempts can overcome, by the offset where they occurred. Others in between do not count.
 *
 * @private Does not follow semantic versioning.
 */
export class StubbornInterruptions {
  readonly #counts = new Map<number, number>();

  /** Counts an interruption. Returns whether it occurred too often at this offset. */
  isHopeless({ resumeLimit }: Interruption, fromByte: number): boolean {
    if (resumeLimit === Infinity) return false;
    const count = (this.#counts.get(fromByte) ?? 0) + 1;
    this.#counts.set(fromByte, count);
    return count > resumeLimit;
  }
}

/**
 * Returns the error for a transfer whose session was lost, by the reason of the signal of its lease.
 *
 * @private Does not follow semantic versioning.
 */
export function lossOf(reason: unknown, label: string): CarrelError {
  if (reason instanceof CarrelError) return reason;
  return new SessionLostError(`The download session behind the transfer URL of ${label} has ended`, { cause: reason });
}

/**
 * Returns the last part of the path of a request target, which is the name of the file where nothing else is known.
 *
 * @private Does not follow semantic versioning.
 */
export function lastPart(target: string): string {
  return target.replace(/\?.*$/u, "").replace(/.*\//u, "");
}
