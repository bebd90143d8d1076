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

/**
 * What is wrong with the bytes.
 *
 * - `length`: there are too few, or too many.
 * - `digest`: their digest is not the one that the server or the manifest states.
 * - `changed`: the content changed on the server meanwhile.
 * - `not-the-file`: something else answered in place of the file, such as a login page.
 * - `encoded`: they came in an encoding that was not asked for, and nothing says that they are the file's all the same.
 * - `archive`: an archive ends too early, or a member does not match the archive's own manifest.
 * - `manifest`: the bytes have the server's checksum, and an OVF manifest states another digest: it is the manifest that is
 *   wrong. Downloading again does not help; `manifest: "report"` does.
 * - `incomplete`: an OVF manifest names a file that the item does not have, and `requireVerified` asks for it.
 * - `unverifiable`: nothing is known to compare them with, and `requireVerified` asks for it.
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
 * The bytes are not what they should be: too few, too many, a wrong digest, another content, a page in place of a file.
 * Whatever was written is not under a final name. Downloading again may help where `retryable` is true.
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
