import { CarrelError } from "./carrel-error.ts";
import type { CarrelErrorOptions } from "./carrel-error.ts";

/**
 * The server was not reached, the connection broke (`TRANSPORT`), or no answer came in time (`TIMEOUT`).
 * Calls that are safe to repeat were repeated already.
 */
export class TransportError extends CarrelError {
  static override readonly brand: string = "TransportError";
  override readonly code: "TRANSPORT" | "TIMEOUT";
  override readonly retryable: boolean = true;

  constructor(message: string, options: CarrelErrorOptions & { readonly code?: "TRANSPORT" | "TIMEOUT" } = {}) {
    super(message, options);
    this.code = options.code ?? "TRANSPORT";
  }
}
