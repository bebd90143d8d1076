import type { LocalizableMessage } from "../gen/models.gen.ts";
import { redactDeep } from "../redact.ts";
import { CarrelError } from "./carrel-error.ts";
import type { CarrelErrorOptions } from "./carrel-error.ts";

/**
 * How a download session ended.
 *
 * - `lost`: somebody else ended it, or it expired, or it cannot be renewed. A new one may take its place.
 * - `closed`: its lease, or its client, was closed here. Final: whatever still uses the session was to be closed first.
 */
export type SessionProblem = "lost" | "closed";

/** Options of a {@link SessionLostError}. */
export interface SessionLostErrorOptions extends CarrelErrorOptions {
  /** @defaultValue "lost" */
  readonly problem?: SessionProblem;
}

/**
 * The download session is over. Where it was lost, create a new one and resume at the same byte, if the content version
 * is still the same. Where it was closed here (`problem` is `closed`), trying again cannot help.
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
 * The server could not make a file ready, or not within the time given.
 * `serverMessage` is the server's own account, where it gave one. A `retryable` one ran out of time.
 */
export class PrepareError extends CarrelError {
  static override readonly brand: string = "PrepareError";
  override readonly code = "PREPARE_FAILED" as const;
  override readonly retryable: boolean;
  /** Name of the file, as the server has it. */
  readonly fileName: string;
  readonly serverMessage: LocalizableMessage | undefined;

  constructor(message: string, options: PrepareErrorOptions) {
    super(message, options);
    this.fileName = options.fileName;
    this.retryable = options.retryable ?? false;
    this.serverMessage = redactDeep(options.serverMessage);
  }
}
