import type { ErrorType, LocalizableMessage } from "../gen/models.gen.ts";
import { redactDeep } from "../redact.ts";
import { CarrelError } from "./carrel-error.ts";
import type { CarrelErrorJson, CarrelErrorOptions } from "./carrel-error.ts";

/** What the server said, whatever shape it said it in. */
export interface ServerFailure {
  readonly status: number;
  /** The vendor's error type; derived from the status where the server named none. */
  readonly errorType: ErrorType;
  /** Outermost first, causes after it. May be empty. */
  readonly messages: readonly LocalizableMessage[];
  readonly data?: unknown;
  readonly challenge?: string;
  /** How long the server asks to wait, from `Retry-After`. */
  readonly retryAfterMs?: number;
}

type ServerErrorCode = "AUTH" | "NOT_FOUND" | "REJECTED" | "BUSY";

const codes: Partial<Record<ErrorType, ServerErrorCode>> = {
  UNAUTHENTICATED: "AUTH",
  UNAUTHORIZED: "AUTH",
  NOT_FOUND: "NOT_FOUND",
  RESOURCE_BUSY: "BUSY",
  SERVICE_UNAVAILABLE: "BUSY",
  TIMED_OUT: "BUSY",
};

/**
 * The server refused a call. `code` says what to do, `errorType` what the vendor calls it, `messages` why.
 * Decided by error type: the status of one and the same error differs between the wire styles.
 *
 * @example
 * ```ts
 * import { ServerError } from "@carrel/core";
 *
 * function isGone(error: unknown): boolean {
 *   return error instanceof ServerError && error.errorType === "NOT_FOUND";
 * }
 * ```
 */
export class ServerError extends CarrelError {
  static override readonly brand: string = "ServerError";
  override readonly code: ServerErrorCode;
  override readonly retryable: boolean;
  /** Id of the operation that was refused, such as `downloadSession.create`. */
  readonly operation: string;
  readonly status: number;
  readonly errorType: ErrorType;
  readonly messages: readonly LocalizableMessage[];
  /** More about the error, different for each kind. */
  readonly data: unknown;
  /** How to log in, where the server said so. */
  readonly challenge: string | undefined;
  /** How long the server asked to wait before the next try, in milliseconds, where it said so. */
  readonly retryAfterMs: number | undefined;

  constructor(operation: string, failure: ServerFailure, options: CarrelErrorOptions = {}) {
    super(describe(operation, failure), options);
    this.code = codes[failure.errorType] ?? "REJECTED";
    this.retryable = this.code === "BUSY";
    this.operation = operation;
    this.status = failure.status;
    this.errorType = failure.errorType;
    this.messages = redactDeep(failure.messages);
    this.data = redactDeep(failure.data);
    this.challenge = redactDeep(failure.challenge);
    this.retryAfterMs = failure.retryAfterMs;
  }

  override toJSON(): CarrelErrorJson & {
    readonly status: number;
    readonly errorType: ErrorType;
    readonly messages: readonly string[];
  } {
    const messages = this.messages.map((message) => message.default_message);
    return { ...super.toJSON(), status: this.status, errorType: this.errorType, messages };
  }
}

/**
 * Whether the server says that a session is over: it does not know it, or there is nothing left to renew or to end.
 * Does not follow semantic versioning.
 */
export function isGone(error: unknown): error is ServerError {
  return (
    error instanceof ServerError &&
    (error.errorType === "NOT_FOUND" || error.errorType === "NOT_ALLOWED_IN_CURRENT_STATE")
  );
}

/** Whether the server says that there is no such object. Does not follow semantic versioning. */
export function isNotFound(error: unknown): error is ServerError {
  return error instanceof ServerError && error.code === "NOT_FOUND";
}

function describe(operation: string, failure: ServerFailure): string {
  const { errorType, messages, status } = failure;
  const said = messages.map((message) => message.localized ?? message.default_message).filter(Boolean);
  const reason = said.join(" Because: ");
  // Without an id it is a proxy's message, in place of one of the services behind it.
  if (status >= 500 && codes[errorType] === "BUSY" && messages.every(({ id }) => id === "")) {
    const what = reason === "" ? "" : `: ${reason}`;
    return `The server is not available (status ${status})${what} (the vCenter may still be starting)`;
  }
  return `${operation} was refused (${errorType}, status ${status}): ${reason || "the server gave no message"}`;
}

/**
 * The answer is not the protocol's, such as an HTML login page. Check the address: is it a vCenter, and is a proxy in between?
 */
export class ProtocolError extends CarrelError {
  static override readonly brand: string = "ProtocolError";
  override readonly code = "PROTOCOL" as const;
  override readonly retryable: boolean = false;
}

/** Options of a {@link TransportError}. */
export interface TransportErrorOptions extends CarrelErrorOptions {
  /** @defaultValue "TRANSPORT" */
  readonly code?: "TRANSPORT" | "TIMEOUT";
  /** Id of the operation that got no answer. */
  readonly operation?: string;
}

/**
 * The server was not reached, the connection broke (`TRANSPORT`), or no answer came in time (`TIMEOUT`).
 * Calls that are safe to repeat were repeated already.
 */
export class TransportError extends CarrelError {
  static override readonly brand: string = "TransportError";
  override readonly code: "TRANSPORT" | "TIMEOUT";
  override readonly retryable: boolean = true;
  /** Id of the operation that got no answer, such as `library.list`; `wireStyle` is the first look at the server. */
  readonly operation: string | undefined;

  constructor(message: string, options: TransportErrorOptions = {}) {
    super(message, options);
    this.code = options.code ?? "TRANSPORT";
    this.operation = options.operation;
  }
}

/**
 * Why a certificate is not accepted.
 *
 * - `none`: the server showed none.
 * - `not-pinned`: it is not the pinned one.
 * - `not-endpoint`: it is not the one that the server names in its transfer endpoint.
 * - `not-valid`: it does not validate: unknown authority, another name, expired.
 * - `bad-pin`: what should be pinned is neither a fingerprint nor a certificate.
 * - `bad-endpoint`: what the server names in its transfer endpoint is neither a fingerprint nor a certificate.
 */
export type CertificateProblem = "none" | "not-pinned" | "not-endpoint" | "not-valid" | "bad-pin" | "bad-endpoint";

/** Options of a {@link CertificateError}. */
export interface CertificateErrorOptions extends CarrelErrorOptions {
  readonly problem: CertificateProblem;
  readonly host?: string | undefined;
  readonly seen?: { readonly sha256: string; readonly sha1: string } | undefined;
  readonly pinned?: string | undefined;
}

/**
 * The server's certificate neither validates nor matches the pin. Nothing was sent. Check the fingerprint that was seen
 * with whoever runs the server, then pin it.
 */
export class CertificateError extends CarrelError {
  static override readonly brand: string = "CertificateError";
  override readonly code = "CERTIFICATE" as const;
  override readonly retryable: boolean = false;
  /** Why, for `switch`. */
  readonly problem: CertificateProblem;
  /** Whose certificate, as `HOST` or `HOST:PORT`. */
  readonly host: string | undefined;
  /** Its fingerprints, hexadecimal with colons. */
  readonly seen: { readonly sha256: string; readonly sha1: string } | undefined;
  /** The fingerprint that is pinned, such as `SHA-256 AA:BB:…`. */
  readonly pinned: string | undefined;

  constructor(message: string, options: CertificateErrorOptions) {
    super(message, options);
    this.problem = options.problem;
    this.host = options.host;
    this.seen = options.seen;
    this.pinned = options.pinned;
  }
}
