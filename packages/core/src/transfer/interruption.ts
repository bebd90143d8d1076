import { IntegrityError, TransferError } from "../errors/transfer-errors.ts";
import type { CarrelError } from "../errors/carrel-error.ts";
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
 * Creates the error for a bad verdict.
 *
 * @private Does not follow semantic versioning.
 */
export function verdictError(verdict: Exclude<ResponseVerdict, GoodVerdict>, refusal: Refusal): CarrelError {
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
