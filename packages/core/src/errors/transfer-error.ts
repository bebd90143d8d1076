import { CarrelError } from "./carrel-error.ts";
import type { CarrelErrorOptions } from "./carrel-error.ts";

/**
 * The bytes could not be fetched or written: the transfer was refused, broke more often than allowed, stalled,
 * or the disk failed. Where `retryable` is true a later try may go on where this one stopped.
 */
export class TransferError extends CarrelError {
  static override readonly brand: string = "TransferError";
  override readonly code = "TRANSFER" as const;
  override readonly retryable: boolean;
  /** HTTP status of the transfer's answer, where there was one. */
  readonly status: number | undefined;

  constructor(
    message: string,
    options: CarrelErrorOptions & { readonly retryable?: boolean; readonly status?: number } = {},
  ) {
    super(message, options);
    this.retryable = options.retryable ?? true;
    this.status = options.status;
  }
}
