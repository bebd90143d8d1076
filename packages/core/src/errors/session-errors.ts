import type { LocalizableMessage } from "../gen/models.gen.ts";
import { redactDeep } from "../redact.ts";
import { CarrelError } from "./carrel-error.ts";
import type { CarrelErrorOptions } from "./carrel-error.ts";

/**
 * How a download session ended.
 *
 * - `lost`: another client ended it, it expired, or it cannot be renewed. A new session may replace it.
 * - `closed`: its lease or its client was closed by this program. Final: close whatever uses the session first.
 */
export type SessionProblem = "lost" | "closed";

/** Options of a {@link SessionLostError}. */
export interface SessionLostErrorOptions extends CarrelErrorOptions {
  /** @defaultValue "lost" */
  readonly problem?: SessionProblem;
}

/**
 * The download session has ended. Where it was lost, create a new one and resume at the same byte, if the content
 * version is still the same. Where it was closed (`problem` is `closed`), retrying will not help.
 */
export class SessionLostError extends CarrelError {
  static override readonly brand: string = "SessionLostError";
  override readonly code = "SESSION_LOST" as const;
  override readonly retryable: boolean;
  /** How it ended, for `switch`. */
  readonly problem: SessionProblem;

  constructor(message: string, options: SessionLostErrorOptions = {}) {
    super(message, options);
    this.problem = options.problem ?? "lost";
    this.retryable = this.problem === "lost";
  }
}

/** Options of a {@link PrepareError}. */
export interface PrepareErrorOptions extends CarrelErrorOptions {
  readonly fileName: string;
  /** @defaultValue false */
  readonly retryable?: boolean;
  readonly serverMessage?: LocalizableMessage | undefined;
}

/**
 * The server could not prepare a file, or not within the time limit. Where `retryable` is true, the time ran out.
 */
export class PrepareError extends CarrelError {
  static override readonly brand: string = "PrepareError";
  override readonly code = "PREPARE_FAILED" as const;
  override readonly retryable: boolean;
  /** The name of the file on the server. */
  readonly fileName: string;
  /** The server's own description of the failure, where it gave one. */
  readonly serverMessage: LocalizableMessage | undefined;

  constructor(message: string, options: PrepareErrorOptions) {
    super(message, options);
    this.fileName = options.fileName;
    this.retryable = options.retryable ?? false;
    this.serverMessage = redactDeep(options.serverMessage);
  }
}
