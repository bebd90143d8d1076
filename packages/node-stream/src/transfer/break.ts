import { CarrelError, CertificateError, IntegrityError, TransferError } from "@carrel/core";
import { AddressRefusedError } from "../tls/dial.ts";
import { ProxyError } from "../tls/proxy-error.ts";
import { Silence } from "./exchange.ts";
import { linkLocalError } from "./locate.ts";
import type { Route } from "./locate.ts";
import { malformation } from "./malformation.ts";

/** An interruption of a transfer that another attempt may overcome. */
export class Break extends Error {
  override readonly cause: CarrelError;
  /** What the server asked to wait. */
  readonly delayMs: number | undefined;
  readonly needsEndpoint: boolean;
  /** The server said that it is busy. */
  readonly isBusy: boolean;
  /** Tries after which another one does not help, where that is fewer than usual. */
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
    this.isBusy = options.isBusy ?? false;
    this.resumeLimit = options.resumeLimit ?? Infinity;
  }
}

/** What was being transferred, and where from as far as that was known. */
interface Interrupted {
  readonly label: string;
  readonly stallTimeoutMs: number;
  readonly route: Route | undefined;
}

/** Sorts what an exchange failed with: a break, or an error to fail with. */
export function sortFailure(error: unknown, { label, stallTimeoutMs, route }: Interrupted): unknown {
  const origins = { origin: route?.url.origin, clientOrigin: route?.clientOrigin };
  if (error instanceof ProxyError) {
    const { retryable, message } = error;
    const failed = new TransferError(`Cannot connect for ${label}: ${message}`, {
      problem: "broken",
      retryable,
      cause: error,
      ...origins,
    });
    return retryable ? new Break(failed) : failed;
  }
  if (error instanceof Break || error instanceof CarrelError) return error;
  if (error instanceof Silence) {
    return new Break(
      new TransferError(`The server sent nothing of ${label} for ${stallTimeoutMs} ms`, {
        problem: "stalled",
        cause: error,
        ...origins,
      }),
    );
  }
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof CertificateError) return cause;
  }
  if (error instanceof AddressRefusedError && route !== undefined) {
    return linkLocalError(error.message, { label, ...route, origin: route.url.origin });
  }
  if (error instanceof Error && route !== undefined) {
    const malformed = malformation(error);
    if (malformed !== undefined) {
      const { reason, cause, isInBody } = malformed;
      const message = `The server at ${route.url.origin} answered the request for ${label} with ${reason}`;
      const failed = new TransferError(message, { problem: "malformed", retryable: isInBody, cause, ...origins });
      return isInBody ? new Break(failed, { resumeLimit: 1 }) : failed;
    }
  }
  return broken(error, label, route);
}

function broken(error: unknown, label: string, route: Route | undefined): Break {
  const reason = error instanceof Error ? reasonOf(error) : String(error);
  const { clientOrigin, url: { origin } = { origin: undefined } } = route ?? {};
  const isElsewhere = clientOrigin !== undefined && origin !== clientOrigin;
  const message = isElsewhere
    ? `The connection to ${origin} for ${label} broke (the client is connected to ${clientOrigin}): ${reason}`
    : `The connection for ${label} broke: ${reason}`;
  // Asking again does not make an unknown host name known.
  const isNoName = isElsewhere && (error as NodeJS.ErrnoException).code === "ENOTFOUND";
  return new Break(new TransferError(message, { problem: "broken", cause: error, origin, clientOrigin }), {
    ...(isNoName && { resumeLimit: 1 }),
  });
}

/** Creates the error to fail with when the last attempt was interrupted as well. */
export function exhausted({ cause }: Break, resumes: number, position: number): CarrelError {
  if (resumes === 0) return cause;
  const message = `${cause.message} (gave up at byte ${position} after resuming ${resumes} ${resumes === 1 ? "time" : "times"} without progress)`;
  if (cause instanceof IntegrityError) return new IntegrityError(message, { problem: cause.problem, cause });
  if (!(cause instanceof TransferError)) return new TransferError(message, { problem: "broken", cause });
  const { problem, retryable, status, origin, clientOrigin } = cause;
  return new TransferError(message, { problem, retryable, status, origin, clientOrigin, cause });
}

function reasonOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  const text = error.message.replace(/\.$/, "") || code || error.name;
  return code === undefined || text.includes(code) ? text : `${text} (${code})`;
}
