import { CarrelError } from "./carrel-error.ts";
import type { CarrelErrorOptions } from "./carrel-error.ts";

/** Options of a {@link TransportError}. */
export interface TransportErrorOptions extends CarrelErrorOptions {
  /** @defaultValue "TRANSPORT" */
  readonly code?: "TRANSPORT" | "TIMEOUT";
  /** Id of the operation that got no answer. */
  readonly operation?: string;
}

/**
 * The server was not reached, the connection broke (`TRANSPORT`), or no answer came in time (`TIMEOUT`).
 * Calls that are safe to repeat were repeated already.
 */
export class TransportError extends CarrelError {
  static override readonly brand: string = "TransportError";
  override readonly code: "TRANSPORT" | "TIMEOUT";
  override readonly retryable: boolean = true;
  /** Id of the operation that got no answer, such as `library.list`; `wireStyle` is the first look at the server. */
  readonly operation: string | undefined;

  constructor(message: string, options: TransportErrorOptions = {}) {
    super(message, options);
    this.code = options.code ?? "TRANSPORT";
    this.operation = options.operation;
  }
}
