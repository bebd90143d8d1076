import { CarrelError } from "./carrel-error.ts";
import type { CarrelErrorOptions } from "./carrel-error.ts";

/**
 * Why bytes could not be fetched or written.
 *
 * - `refused`: the server does not serve the transfer URL, or not any more.
 * - `busy`: the server asked to come back later.
 * - `broken`: there was no connection, or it broke.
 * - `stalled`: the server sent nothing for longer than `stallTimeoutMs`.
 * - `malformed`: the server's answer is not valid HTTP, or contradicts itself.
 * - `no-range`: the transfer cannot resume at the byte where it stopped.
 * - `endpoint`: the transfer endpoint cannot be used: another scheme, another origin, or none at all.
 * - `no-match`: no file of the item matches what was asked for.
 * - `name`: a name that the server gives cannot be written safely.
 * - `exists`: a file exists and must not be replaced.
 * - `obstacle`: something that is not a file, or not a directory, has the name that is needed.
 * - `locked`: another process is downloading to the same place.
 * - `lock-lost`: another process took the lock over while this one stood still.
 * - `disk`: the file system refused an operation.
 */
export type TransferProblem =
  | "refused"
  | "busy"
  | "broken"
  | "stalled"
  | "malformed"
  | "no-range"
  | "endpoint"
  | "no-match"
  | "name"
  | "exists"
  | "obstacle"
  | "locked"
  | "lock-lost"
  | "disk";

/** Options of a {@link TransferError}. */
export interface TransferErrorOptions extends CarrelErrorOptions {
  readonly problem: TransferProblem;
  /** @defaultValue true */
  readonly retryable?: boolean;
  /** HTTP status of the answer, where there was one. */
  readonly status?: number | undefined;
  /** The file or directory it is about, where there is one. */
  readonly path?: string | undefined;
  /** Origin of the transfer URL, where there is one. */
  readonly origin?: string | undefined;
  /** Origin that the client is connected to, where it is known. */
  readonly clientOrigin?: string | undefined;
}

/**
 * The bytes could not be fetched or written: the transfer was refused, broke more often than allowed, stalled,
 * or the disk failed. Where `retryable` is true a later try may resume where this one stopped.
 */
export class TransferError extends CarrelError {
  static override readonly brand: string = "TransferError";
  override readonly code = "TRANSFER" as const;
  override readonly retryable: boolean;
  /** Why, for `switch`. */
  readonly problem: TransferProblem;
  /** HTTP status of the transfer's answer, where there was one. */
  readonly status: number | undefined;
  /** The local file or directory it is about, where there is one. */
  readonly path: string | undefined;
  /** Scheme, host and port that the bytes were asked for at, where it came to that. */
  readonly origin: string | undefined;
  /** Scheme, host and port that the client is connected to, where they are known. May be another name of the same server. */
  readonly clientOrigin: string | undefined;

  constructor(message: string, options: TransferErrorOptions) {
    super(message, options);
    this.problem = options.problem;
    this.retryable = options.retryable ?? true;
    this.status = options.status;
    this.path = options.path;
    this.origin = options.origin;
    this.clientOrigin = options.clientOrigin;
  }
}
