import type { ErrorType } from "@carrel/core";
import type { ServedOperationId } from "./operations.ts";

/** One thing that goes wrong, and when. Plain data: it can stand in a JSON file as well. */
export type Fault = FaultTarget & FaultKind;

/** Which exchanges a fault is for. Each fault counts its own uses, from the moment when it was planned. */
export interface FaultTarget {
  /**
   * An operation by its `operationId`, such as `downloadSession.keepAlive`; `*` for every operation; `transfer` for
   * downloads from transfer URLs; `upload` for uploads to them.
   */
  readonly on: ServedOperationId | "*" | "transfer" | "upload";
  /**
   * Only exchanges about the file of this name.
   * @defaultValue any
   */
  readonly file?: string;
  /**
   * The first use that goes wrong, counted from 1.
   * @defaultValue 1
   */
  readonly use?: number;
  /**
   * How many uses in a row go wrong.
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
   * Where it happens. A fault with a position takes effect only in transfers whose bytes come past it; in a resumed
   * transfer the position is still that in the file.
   */
  readonly atByte: number;
}

/** An error status instead of the answer; the operation is not carried out. */
export interface StatusFault {
  readonly kind: "status";
  readonly status: number;
  /**
   * Type of the error in the vendor's body, for operations.
   * @defaultValue the one that belongs to the status
   */
  readonly errorType?: ErrorType;
  /** @defaultValue a sentence that names the fault */
  readonly message?: string;
  /**
   * Value of the header `Retry-After`.
   * @defaultValue none
   */
  readonly retryAfterSeconds?: number;
}

/** The answer comes later. */
export interface DelayFault {
  readonly kind: "delay";
  readonly delayMs: number;
}

/** Status 200 and a page of HTML, such as a login page in between; the operation is not carried out. */
export interface HtmlPageFault {
  readonly kind: "htmlPage";
  /** @defaultValue 200 */
  readonly status?: number;
}

/** A redirection to another origin; the operation is not carried out. */
export interface RedirectFault {
  readonly kind: "redirect";
  /** @defaultValue 302 */
  readonly status?: number;
  /**
   * Where to.
   * @defaultValue the same path at `localhost`, which is the simulator again, but another origin
   */
  readonly location?: string;
}

/** The connection is reset: before the operation is carried out or the transfer begins, or at a position of the body. */
export interface ResetFault extends Partial<AtByte> {
  readonly kind: "reset";
}

/** Nothing more comes: before the operation is carried out or the transfer begins, or from a position of the body on. */
export interface StallFault extends Partial<AtByte> {
  readonly kind: "stall";
  /**
   * Then it goes on.
   * @defaultValue it never does
   */
  readonly stallMs?: number;
}

/** The body ends early and looks complete: length and end are those of a shorter file. */
export interface TruncateFault extends AtByte {
  readonly kind: "truncate";
}

/** The connection is closed in an orderly way in the middle of the body. */
export interface ShortCloseFault extends AtByte {
  readonly kind: "shortClose";
  /**
   * Whether the answer states the true `Content-Length`; where it does not, the close looks like the body's end.
   * @defaultValue false
   */
  readonly keepLength?: boolean;
}

/** Bytes are changed. */
export interface CorruptFault extends AtByte {
  readonly kind: "corrupt";
  /**
   * How many.
   * @defaultValue 1
   */
  readonly bytes?: number;
}

/** The body is longer than the file. */
export interface ExtendFault {
  readonly kind: "extend";
  readonly bytes: number;
}

/** The operation is carried out, and then the connection is reset instead of an answer. */
export interface LoseAnswerFault {
  readonly kind: "loseAnswer";
}

/** The operation is carried out, and its answer has another body: broken JSON, say, or JSON of something else. */
export interface BodyFault {
  readonly kind: "body";
  readonly body: string;
  /** @defaultValue the operation's own */
  readonly status?: number;
  /** @defaultValue "application/json" */
  readonly contentType?: string;
}

/** `Range` is ignored this time: 200 and the whole file. */
export interface IgnoreRangeFault {
  readonly kind: "ignoreRange";
}

/** A range is answered with another one, and says so in `Content-Range`. */
export interface ShiftRangeFault {
  readonly kind: "shiftRange";
  /** Negative: earlier in the file. */
  readonly byBytes: number;
}

/** The answer carries another `ETag`, against which `If-Range` is judged too. */
export interface ChangeEtagFault {
  readonly kind: "changeEtag";
  /** @defaultValue one that the file never had */
  readonly etag?: string;
}

/** A session ends as if its time were over, just before the exchange, or at a position of the body. */
export interface ExpireSessionFault extends Partial<AtByte> {
  readonly kind: "expireSession";
  /**
   * The download session that the exchange is about, or every login.
   * @defaultValue "download"
   */
  readonly session?: "download" | "api";
}

/** The server gives a file another name, for good, just before it answers. */
export interface RenameFileFault {
  readonly kind: "renameFile";
  readonly file: string;
  readonly name: string;
}

/** The file cannot be made ready: its status becomes ERROR. */
export interface PrepareErrorFault {
  readonly kind: "prepareError";
  /** @defaultValue a sentence that names the fault */
  readonly message?: string;
}

/** The file gets other bytes of the same length, for good, just before the exchange: a new content version. */
export interface ChangeContentFault {
  readonly kind: "changeContent";
  readonly file: string;
}
