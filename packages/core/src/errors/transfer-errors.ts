import { CarrelError } from "./carrel-error.ts";
import type { CarrelErrorOptions } from "./carrel-error.ts";

/**
 * Why bytes could not be fetched or written.
 *
 * - `refused`: the server does not serve the transfer URL, or no longer does.
 * - `busy`: the server asked to try again later.
 * - `broken`: the connection could not be made, or broke.
 * - `stalled`: the server sent nothing for longer than `stallTimeoutMs`.
 * - `malformed`: the server's answer is not valid HTTP, or contradicts itself.
 * - `no-range`: the transfer cannot resume at the byte where it stopped.
 * - `endpoint`: the transfer endpoint cannot be used: its scheme or origin is not allowed, or it has none.
 * - `no-match`: no file of the item matches the request.
 * - `uncached`: the content is not at the vCenter, which did not fetch it from the publisher in time.
 * - `name`: a file name that the server gives cannot be used safely on the disk.
 * - `exists`: a file exists and must not be replaced.
 * - `obstacle`: the path of a file is occupied by something that is not a file, or that of a directory by something
 *   else.
 * - `locked`: another process is downloading to the same path.
 * - `lock-lost`: another process took over the lock while this one was suspended.
 * - `disk`: the file system refused an operation.
 * - `no-space`: there is less free space than the download needs; nothing was fetched.
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
  | "uncached"
  | "name"
  | "exists"
  | "obstacle"
  | "locked"
  | "lock-lost"
  | "disk"
  | "no-space";

/** Options of a {@link TransferError}. */
export interface TransferErrorOptions extends CarrelErrorOptions {
  readonly problem: TransferProblem;
  /** @defaultValue true */
  readonly retryable?: boolean;
  /** HTTP status of the answer, where one came. */
  readonly status?: number | undefined;
  /** The local file or directory concerned, if any. */
  readonly path?: string | undefined;
  /** Origin of the transfer URL, if any. */
  readonly origin?: string | undefined;
  /** Origin that the client is connected to, if known. */
  readonly clientOrigin?: string | undefined;
}

/**
 * The bytes could not be fetched or written: the transfer was refused, broke more often than allowed or stalled, or the
 * disk failed. Where `retryable` is true, a later attempt may resume where this one stopped.
 */
export class TransferError extends CarrelError {
  static override readonly brand: string = "TransferError";
  override readonly code = "TRANSFER" as const;
  override readonly retryable: boolean;
  /** Why, for `switch`. */
  readonly problem: TransferProblem;
  /** HTTP status of the answer to the transfer, where one came. */
  readonly status: number | undefined;
  /** The local file or directory concerned, if any. */
  readonly path: string | undefined;
  /** Scheme, host and port that the bytes were requested from, if they were. */
  readonly origin: string | undefined;
  /** Scheme, host and port that the client is connected to, if known. May be another name of the same server. */
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

/**
 * What is wrong with the bytes.
 *
 * - `length`: there are too few or too many.
 * - `digest`: their digest is not the one that the server or the manifest states.
 * - `changed`: the content changed on the server in the meantime.
 * - `not-the-file`: the answer is something other than the file, such as a login page.
 * - `encoded`: they came in an encoding that was not requested, and nothing proves that they are the file's
 *   nevertheless.
 * - `archive`: an archive ends too early, or a member does not match the archive's own manifest.
 * - `manifest`: the bytes have the server's checksum, but an OVF manifest states another digest, so the manifest is
 *   wrong. Downloading again does not help; `manifest: "report"` does.
 * - `incomplete`: an OVF manifest names a file that the item does not have, and `requireVerified` requires it.
 * - `unverifiable`: there is nothing to compare them with, and `requireVerified` requires it.
 */
export type IntegrityProblem =
  | "length"
  | "digest"
  | "changed"
  | "not-the-file"
  | "encoded"
  | "archive"
  | "manifest"
  | "incomplete"
  | "unverifiable";

/** Options of an {@link IntegrityError}. */
export interface IntegrityErrorOptions extends CarrelErrorOptions {
  readonly problem: IntegrityProblem;
}

/**
 * The bytes are not those of the file: too few, too many, with a wrong digest, of another content version, or a page
 * instead of a file. No file was given its final name. Downloading again may help where `retryable` is true.
 */
export class IntegrityError extends CarrelError {
  static override readonly brand: string = "IntegrityError";
  override readonly code = "INTEGRITY" as const;
  override readonly retryable: boolean;
  /** What is wrong, for `switch`. */
  readonly problem: IntegrityProblem;

  constructor(message: string, options: IntegrityErrorOptions) {
    super(message, options);
    this.problem = options.problem;
    this.retryable = !["manifest", "incomplete", "unverifiable"].includes(options.problem);
  }
}
