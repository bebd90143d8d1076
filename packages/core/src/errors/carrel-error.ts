import { redact } from "../redact.ts";
import { hasBrand, markBrands } from "./brand.ts";
import { cleanCause } from "./clean-cause.ts";

/**
 * What a caller decides by. A closed set: `switch` on it and close with `satisfies never`.
 *
 * - `AUTH`: the login was refused, or the user lacks a privilege. Give other credentials.
 * - `NOT_FOUND`: no such library, item, session or file.
 * - `REJECTED`: the server refused the call; its messages say why. Repeating it is no use.
 * - `BUSY`: the server is busy or down, also after the retries. Try later.
 * - `TRANSPORT`: the server was not reached, or the connection broke.
 * - `TIMEOUT`: no answer in time. The server may have acted all the same.
 * - `PROTOCOL`: the answer is not the protocol's. Is the address that of a vCenter?
 * - `SESSION_LOST`: the download session is over. Create a new one.
 * - `PREPARE_FAILED`: the server could not make a file ready, or not in time.
 * - `INTEGRITY`: the bytes are not what they should be.
 * - `CERTIFICATE`: the certificate neither validates nor matches the pin.
 * - `TRANSFER`: the bytes could not be fetched or written.
 */
export type CarrelErrorCode =
  | "AUTH"
  | "NOT_FOUND"
  | "REJECTED"
  | "BUSY"
  | "TRANSPORT"
  | "TIMEOUT"
  | "PROTOCOL"
  | "SESSION_LOST"
  | "PREPARE_FAILED"
  | "INTEGRITY"
  | "CERTIFICATE"
  | "TRANSFER";

/** What an error shows in a log: nothing secret. */
export interface CarrelErrorJson {
  readonly name: string;
  readonly code: CarrelErrorCode;
  readonly message: string;
}

/** Options of every error class. */
export interface CarrelErrorOptions {
  /**
   * What led to it. An error of Carrel is kept as it is; of any other a copy with its name, message, stack, code and
   * causes, without secrets.
   */
  readonly cause?: unknown;
}

/**
 * Base of all errors of Carrel.
 *
 * `instanceof` works across realms and duplicate installs. An abort is never one of these: it rejects with
 * `signal.reason` as it is.
 *
 * @example
 * ```ts
 * import { CarrelError } from "@carrel/core";
 *
 * function worthRepeating(error: unknown): boolean {
 *   return error instanceof CarrelError && error.retryable;
 * }
 * ```
 */
export abstract class CarrelError extends Error {
  static readonly brand: string = "CarrelError";

  /** What happened, for `switch`. */
  abstract readonly code: CarrelErrorCode;
  /** Whether the same call may succeed later, unchanged. */
  abstract readonly retryable: boolean;

  constructor(message: string, options: CarrelErrorOptions = {}) {
    super(redact(message), "cause" in options ? { cause: cleanCause(options.cause) } : undefined);
    this.name = (new.target as { brand?: string }).brand ?? "CarrelError";
    Object.defineProperty(this, "name", { enumerable: false });
    markBrands(this, new.target);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return hasBrand(this, value);
  }

  /** What may stand in a log: no session id, no credentials, no transfer URL. */
  toJSON(): CarrelErrorJson {
    return { name: this.name, code: this.code, message: this.message };
  }
}
