import type { ErrorType } from "@carrel/core";
import type { ServedOperationId } from "./operations.ts";

/** One thing that goes wrong, and when. Plain data, which can also be written in a JSON file. */
export type Fault = FaultTarget & FaultKind;

/** Which exchanges a fault is for. Each fault counts its own uses, from when it was planned. */
export interface FaultTarget {
  /**
   * An operation by its `operationId`, such as `downloadSession.keepAlive`; `*` for every operation; `transfer` for
   * downloads from transfer URLs; `upload` for uploads to them.
   */
  readonly on: ServedOperationId | "*" | "transfer" | "upload";
  /**
   * Limits the fault to exchanges about the file of this name.
   * @defaultValue any file
   */
  readonly file?: string;
  /**
   * The first use that goes wrong, counted from 1.
   * @defaultValue 1
   */
  readonly use?: number;
  /**
   * How many uses go wrong, one after the other.
   * @defaultValue 1
   */
  readonly times?: number | "always";
}

/** What goes wrong. */
export type FaultKind =
  | StatusFault
  | DelayFault
  | HtmlPageFault
  | RedirectFault
  | ResetFault
  | StallFault
  | TruncateFault
  | ShortCloseFault
  | CorruptFault
  | ExtendFault
  | LoseAnswerFault
  | BodyFault
  | IgnoreRangeFault
  | ShiftRangeFault
  | ChangeEtagFault
  | ExpireSessionFault
  | RenameFileFault
  | PrepareErrorFault
  | ChangeContentFault;

/** Position in a file (for transfers) or in the body of an answer (for operations), counted from 0. */
interface AtByte {
  /**
   * Where it happens. A fault with a position takes effect only in transfers that send the byte there; in a resumed transfer
   * the position is still the one in the file.
   */
  readonly atByte: number;
}

/** Answers with an error status; the operation is not performed. */
export interface StatusFault {
  readonly kind: "status";
  readonly status: number;
  /**
   * Type of the error in the vendor's body, for operations.
   * @defaultValue the type that belongs to the status
   */
  readonly errorType?: ErrorType;
  /** @defaultValue a message that names the fault */
  readonly message?: string;
  /**
   * Value of the header `Retry-After`.
   * @defaultValue none
   */
  readonly retryAfterSeconds?: number;
}

/** Delays the answer. */
export interface DelayFault {
  readonly kind: "delay";
  readonly delayMs: number;
}

/** Answers with status 200 and an HTML page, as a login page in front of a server does; the operation is not performed. */
export interface HtmlPageFault {
  readonly kind: "htmlPage";
  /** @defaultValue 200 */
  readonly status?: number;
}

/** Redirects to another origin; the operation is not performed. */
export interface RedirectFault {
  readonly kind: "redirect";
  /** @defaultValue 302 */
  readonly status?: number;
  /**
   * Where to.
   * @defaultValue the same path at `localhost`, which is the same server under another origin
   */
  readonly location?: string;
}

/** Resets the connection: before the operation is performed or the transfer begins, or at a position of the body. */
export interface ResetFault extends Partial<AtByte> {
  readonly kind: "reset";
}

/** Sends nothing more: before the operation is performed or the transfer begins, or from a position of the body on. */
export interface StallFault extends Partial<AtByte> {
  readonly kind: "stall";
  /**
   * After this time the exchange continues.
   * @defaultValue never
   */
  readonly stallMs?: number;
}

/** Ends the body early so that it looks complete: length and end are those of a shorter file. */
export interface TruncateFault extends AtByte {
  readonly kind: "truncate";
}

/** Closes the connection in the middle of the body, without a reset. */
export interface ShortCloseFault extends AtByte {
  readonly kind: "shortClose";
  /**
   * Whether the answer states the true `Content-Length`; without it the close looks like the end of the body.
   * @defaultValue false
   */
  readonly keepLength?: boolean;
}

/** Inverts bytes. */
export interface CorruptFault extends AtByte {
  readonly kind: "corrupt";
  /**
   * How many.
   * @defaultValue 1
   */
  readonly bytes?: number;
}

/** Sends more bytes after those of the file. */
export interface ExtendFault {
  readonly kind: "extend";
  readonly bytes: number;
}

/** Performs the operation, and then resets the connection in place of an answer. */
export interface LoseAnswerFault {
  readonly kind: "loseAnswer";
}

/** Performs the operation and answers with another body, such as broken JSON. */
export interface BodyFault {
  readonly kind: "body";
  readonly body: string;
  /** @defaultValue the operation's own */
  readonly status?: number;
  /** @defaultValue "application/json" */
  readonly contentType?: string;
}

/** Ignores `Range`: answers 200 and the whole file. */
export interface IgnoreRangeFault {
  readonly kind: "ignoreRange";
}

/** Answers a range with another one, which `Content-Range` states. */
export interface ShiftRangeFault {
  readonly kind: "shiftRange";
  /** Negative: earlier in the file. */
  readonly byBytes: number;
}

/** Answers with another `ETag`, with which `If-Range` is compared too. */
export interface ChangeEtagFault {
  readonly kind: "changeEtag";
  /** @defaultValue a value that the file never had */
  readonly etag?: string;
}

/** Expires a session just before the exchange, or at a position of the body. */
export interface ExpireSessionFault extends Partial<AtByte> {
  readonly kind: "expireSession";
  /**
   * `download`: the download session that the exchange is about; `api`: every login.
   * @defaultValue "download"
   */
  readonly session?: "download" | "api";
}

/** Gives a file another name just before the answer, for good. The name may be as hostile as a test needs. */
export interface RenameFileFault {
  readonly kind: "renameFile";
  readonly file: string;
  readonly name: string;
}

/** Lets the preparation of a file fail: its status becomes ERROR. */
export interface PrepareErrorFault {
  readonly kind: "prepareError";
  /** @defaultValue a message that names the fault */
  readonly message?: string;
}

/** Replaces a file by other bytes of the same length just before the exchange, for good: a new content version. */
export interface ChangeContentFault {
  readonly kind: "changeContent";
  readonly file: string;
}
