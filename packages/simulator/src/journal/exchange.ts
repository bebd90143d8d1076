import type { WireStyle } from "@carrel/core";

/**
 * How an exchange ended: `open`: it has not; `answered`: the whole answer was sent; `cut`: the simulator broke it off;
 * `left`: the client went away first.
 */
export type ExchangeEnd = "open" | "answered" | "cut" | "left";

/**
 * One request and its answer, as it was on the wire, without its secrets: session ids, passwords and the tokens of
 * transfer URLs are replaced by `[redacted]`. Frozen; while the exchange goes on it is replaced, never changed.
 */
export interface Exchange {
  /** Counts from 1. */
  readonly sequence: number;
  /** `operation`: of the specification; `transfer`, `upload`: bytes of a file; `other`: a URL that leads nowhere. */
  readonly kind: "operation" | "transfer" | "upload" | "other";
  /** Which server was asked: the vCenter, or the second one for transfers. */
  readonly origin: "vcenter" | "transfer";
  /** The `operationId`, such as `downloadSession.keepAlive`. */
  readonly operation?: string;
  readonly style?: WireStyle;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** By lower-case name. */
  readonly requestHeaders: Readonly<Record<string, string>>;
  /** Text of the request's body, where an operation has one. */
  readonly requestBody?: string;
  /** Name of the file, for transfers. */
  readonly file?: string;
  /** Absent where no answer was begun. */
  readonly status?: number;
  /** By lower-case name. */
  readonly responseHeaders?: Readonly<Record<string, string>>;
  /** Text of the answer's body, where an operation has one. */
  readonly responseBody?: string;
  /** Bytes of the body that were handed to the socket. */
  readonly sentBytes: number;
  /** Bytes of the body that came in, for uploads. */
  readonly receivedBytes?: number;
  /** When the request came, by the simulator's clock. */
  readonly startedAtMs: number;
  /** Absent while the exchange is open. */
  readonly durationMs?: number;
  /** Kinds of the faults that took effect, in order. */
  readonly faults: readonly string[];
  readonly end: ExchangeEnd;
}
