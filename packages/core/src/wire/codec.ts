import type { ServerFailure } from "../errors/call-errors.ts";
import type { Operation } from "./operation.ts";

/**
 * `api`: the modern style, below `/api`, of vSphere 7.0 U2 and later. `rest`: the legacy one, below `/rest`, of 6.5 and
 * later.
 */
export type WireStyle = "api" | "rest";

/** A request as it is sent, below the server's origin. */
export interface WireRequest {
  readonly method: string;
  /** Path and query, `/api/...` or `/rest/...`, escaped. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body: string | undefined;
}

/** An answer as it was received, read to its end. */
export interface WireAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** The input of a call. */
export interface CallInput {
  readonly args: readonly string[];
  readonly input: object | undefined;
  readonly clientToken?: string;
}

/** One wire style: it makes a request from an operation, and a result from an answer. */
export interface WireCodec {
  readonly style: WireStyle;
  encode(operation: Operation, call: CallInput): WireRequest;
  /**
   * Returns the result of a successful answer.
   * @throws {@link ProtocolError} where it is not the result of this operation.
   */
  decode(operation: Operation, answer: WireAnswer): unknown;
  /** Reads an unsuccessful answer; undefined where it does not follow the protocol. */
  decodeFailure(operation: Operation, answer: WireAnswer): ServerFailure | undefined;
}
