import type { ErrorType, LocalizableMessage } from "../gen/models.gen.ts";
import { redactDeep } from "../redact.ts";
import { CarrelError } from "./carrel-error.ts";
import type { CarrelErrorJson, CarrelErrorOptions } from "./carrel-error.ts";

/** An error answer of the server, read from whichever shape it had. */
export interface ServerFailure {
  readonly status: number;
  /** The vendor's error type; derived from the status where the server named none. */
  readonly errorType: ErrorType;
  /** The outermost message first, then its causes. May be empty. */
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
 * The server refused a call. `code` says how to react, `errorType` is the vendor's name of the error, `messages` say
 * why. The code follows from the error type, because the status of the same error differs between the wire styles.
 *
 * @example
 * ```ts
 * import { ServerError } from "@carrel/core";
 *
 * function isNotAllowed(error: unknown): boolean {
 *   return error instanceof ServerError && error.errorType === "UNAUTHORIZED";
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
  /** Further data of the error, whose shape depends on the error type. */
  readonly data: unknown;
  /** How to log in, where the server says so. */
  readonly challenge: string | undefined;
  /** How long the server asks to wait before the next attempt, in milliseconds, where it says so. */
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
 * Whether the server says that a session has ended: it does not know the session, or the state leaves nothing to renew
 * or end. Does not follow semantic versioning.
 */
export function isGone(error: unknown): error is ServerError {
  return (
    error instanceof ServerError &&
    (error.errorType === "NOT_FOUND" || error.errorType === "NOT_ALLOWED_IN_CURRENT_STATE")
  );
}

/** Whether the server says that no such object exists. Does not follow semantic versioning. */
export function isNotFound(error: unknown): error is ServerError {
  return error instanceof ServerError && error.code === "NOT_FOUND";
}

function describe(operation: string, failure: ServerFailure): string {
  const { errorType, messages, status } = failure;
  const texts = messages.map((message) => message.localized ?? message.default_message).filter(Boolean);
  // Each text is a sentence of the server's; its causes follow after a colon.
  const reason = texts.map((text, index) => (index < texts.length - 1 ? text.replace(/\.$/u, "") : text)).join(": ");
  // A message without an id comes from a proxy in front of the vCenter's services, not from one of them.
  if (status >= 500 && codes[errorType] === "BUSY" && messages.every(({ id }) => id === "")) {
    const what = reason === "" ? "" : `: ${reason}`;
    return `The server is not available (status ${status})${what} (the vCenter may still be starting)`;
  }
  return `${operation} was refused (${errorType}, status ${status}): ${reason || "the server gave no reason"}`;
}

/**
 * The answer does not follow the protocol, as with an HTML login page. The address may not be that of a vCenter, or a
 * proxy may have answered.
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
  /** Scheme, host and port of the server. */
  readonly origin?: string;
}

/**
 * The server could not be reached or the connection broke (`TRANSPORT`), or no answer came in time (`TIMEOUT`).
 * Calls that are safe to repeat have been retried already.
 */
export class TransportError extends CarrelError {
  static override readonly brand: string = "TransportError";
  override readonly code: "TRANSPORT" | "TIMEOUT";
  override readonly retryable: boolean = true;
  /** Id of the operation that got no answer, such as `library.list`; `wireStyle` is the probe of the server. */
  readonly operation: string | undefined;
  /** Scheme, host and port of the server that gave no answer, where one call failed. */
  readonly origin: string | undefined;

  constructor(message: string, options: TransportErrorOptions = {}) {
    super(message, options);
    this.code = options.code ?? "TRANSPORT";
    this.operation = options.operation;
    this.origin = options.origin;
  }
}

/**
 * Why a certificate is not accepted.
 *
 * - `none`: the server presented no certificate.
 * - `not-pinned`: it is not the pinned certificate.
 * - `not-endpoint`: it is not the certificate that the transfer endpoint names.
 * - `not-valid`: it is not valid: its authority is unknown, it is for another name, or it has expired.
 * - `bad-pin`: the given pin is neither a fingerprint nor a certificate.
 * - `bad-endpoint`: the transfer endpoint names something that is neither a fingerprint nor a certificate.
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
 * The server's certificate is neither valid nor the pinned one. Nothing was sent. Compare the fingerprint `seen` with
 * the one that the server's operator states, then pin it.
 */
export class CertificateError extends CarrelError {
  static override readonly brand: string = "CertificateError";
  override readonly code = "CERTIFICATE" as const;
  override readonly retryable: boolean = false;
  /** Why, for `switch`. */
  readonly problem: CertificateProblem;
  /** The server that presented the certificate, as `HOST` or `HOST:PORT`. */
  readonly host: string | undefined;
  /** The fingerprints of its certificate, hexadecimal with colons. */
  readonly seen: { readonly sha256: string; readonly sha1: string } | undefined;
  /** The pinned fingerprint, such as `SHA-256 AA:BB:…`. */
  readonly pinned: string | undefined;

  constructor(message: string, options: CertificateErrorOptions) {
    super(message, options);
    this.problem = options.problem;
    this.host = options.host;
    this.seen = options.seen;
    this.pinned = options.pinned;
  }
}
