import { CarrelError } from "./carrel-error.ts";

/**
 * The download session is over before we ended it: it expired, was cancelled or deleted elsewhere, or cannot be renewed.
 * Create a new one and go on at the same byte, if the content version is still the same.
 */
export class SessionLostError extends CarrelError {
  static override readonly brand: string = "SessionLostError";
  override readonly code = "SESSION_LOST" as const;
  override readonly retryable: boolean = true;
}
