import { CarrelError, CertificateError, IntegrityError, TransferError } from "@carrel/core";
import { AddressRefusedError } from "../tls/dial.ts";
import { ProxyError } from "../tls/proxy-client.ts";
import type { GoodVerdict, Verdict } from "./resume-rules.ts";
import { linkLocalError } from "./route.ts";
import type { Route } from "./route.ts";
import { Silence } from "./streamed-response.ts";

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

const refusals: Readonly<Record<number, string>> = {
  401: "the session behind it is over, or the server requires a login",
  403: "the transfer URL is not valid for this",
  404: "the transfer URL is no longer valid, as when its download session has ended",
  410: "the transfer URL is no longer valid",
};

/** What was asked, and how it was answered. */
interface Refusal {
  readonly status: number;
  readonly label: string;
  readonly route: Route;
  /** An API session id was sent. */
  readonly isAuthenticated: boolean;
}

/** Creates the error for a bad verdict. */
export function verdictError(verdict: Exclude<Verdict, GoodVerdict>, refusal: Refusal): CarrelError {
  const { status, label, route, isAuthenticated } = refusal;
  const origins = { origin: route.url.origin, clientOrigin: route.clientOrigin };
  switch (verdict.kind) {
    case "refused":
      return new TransferError(`The server refused to send ${label} (status ${status}): ${refusalReason(refusal)}`, {
        problem: "refused",
        status,
        retryable: status !== 401 || isAuthenticated,
        ...origins,
      });
    case "later":
      return new TransferError(`The server cannot send ${label} at the moment (status ${status})`, {
        problem: "busy",
        status,
        ...origins,
      });
    case "rangeless":
      return new TransferError(`Cannot resume ${label}: ${verdict.reason}`, {
        problem: "no-range",
        status,
        ...origins,
      });
    case "wrong":
      return new IntegrityError(`The server did not send ${label} as expected: ${verdict.reason}`, {
        problem: "changed",
      });
    case "foreign":
      return new IntegrityError(`The server did not send ${label} as expected: ${verdict.reason}`, {
        problem: "not-the-file",
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

function refusalReason({ status, route: { url, clientOrigin }, isAuthenticated }: Refusal): string {
  const reason = refusals[status] ?? "no reason";
  if (clientOrigin === undefined || clientOrigin === url.origin) return reason;
  const unsent = status === 401 && !isAuthenticated ? ", so that no session id was sent" : "";
  return `${reason} (it was asked for at ${url.origin}, and the client is connected to ${clientOrigin}${unsent})`;
}

/** What is wrong with an answer that is not valid HTTP. */
interface Malformation {
  readonly reason: string;
  /** What undici said, without the bytes that it read, which are of the file or of someone else. */
  readonly cause: Error;
  /** It showed in the middle of the body, so that another try may bring the rest. */
  readonly isInBody: boolean;
}

/** What undici fails with when an answer is not HTTP. It gives codes to some only; the names and messages are its own too. */
const reasons: Readonly<Record<string, string>> = {
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH:
    "contradicting lengths: Content-Length more than once, or together with Transfer-Encoding, or out of range",
  UND_ERR_HEADERS_OVERFLOW: "headers that are longer than 16 KiB",
  "bad response": "status 100, which was not asked for",
  "bad upgrade": "status 101, which was not asked for",
};

/** What is wrong with an answer, by what undici failed with; `undefined` where that is not the answer's form. */
function malformation(error: Error): Malformation | undefined {
  const { code, name, message } = error as NodeJS.ErrnoException;
  const cause = Object.assign(new Error(message), { name, ...(code !== undefined && { code }) });
  if (name === "HTTPParserError") {
    const detail = /\(([\x20-\x7e]+)\)$/.exec(message)?.[1];
    const reason = `what is not valid HTTP${detail === undefined ? "" : `: ${detail}`}`;
    return { reason, cause, isInBody: /chunk/i.test(detail ?? "") };
  }
  const reason = reasons[code === "UND_ERR_SOCKET" ? message : (code ?? "")];
  return reason === undefined ? undefined : { reason, cause, isInBody: false };
}
