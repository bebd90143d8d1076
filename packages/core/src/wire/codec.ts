import type { ServerFailure } from "../errors/call-errors.ts";
import type { Operation } from "./operation.ts";

/** `rest`: below /rest, legacy, vSphere 6.5 on. `api`: below /api, modern, 7.0 U2 on. */
export type WireStyle = "api" | "rest";

/** A request as it goes on the wire, below the server's origin. */
export interface WireRequest {
  readonly method: string;
  /** Path and query, `/api/...` or `/rest/...`, escaped. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body: string | undefined;
}

/** An answer as it came, read to its end. */
export interface WireAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** What an operation is called with. */
export interface CallInput {
  readonly args: readonly string[];
  readonly input: object | undefined;
  readonly clientToken?: string;
}

/** One wire style: how an operation becomes a request, and an answer a result. */
export interface WireCodec {
  readonly style: WireStyle;
  encode(operation: Operation, call: CallInput): WireRequest;
  /** The result of a successful answer. @throws {@link ProtocolError} where it is not what the operation returns. */
  decode(operation: Operation, answer: WireAnswer): unknown;
  /** What an unsuccessful answer says, or undefined where it is not the protocol's. */
  decodeFailure(operation: Operation, answer: WireAnswer): ServerFailure | undefined;
}
