import { CarrelError } from "./carrel-error.ts";

/**
 * The bytes are not what they should be: too few, too many, a wrong digest, another content, a page in place of a file.
 * Whatever was written is not under a final name. Downloading again may help.
 */
export class IntegrityError extends CarrelError {
  static override readonly brand: string = "IntegrityError";
  override readonly code = "INTEGRITY" as const;
  override readonly retryable: boolean = true;
}
