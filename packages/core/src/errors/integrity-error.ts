import { CarrelError } from "./carrel-error.ts";
import type { CarrelErrorOptions } from "./carrel-error.ts";

/**
 * What is wrong with the bytes.
 *
 * - `length`: there are too few, or too many.
 * - `digest`: their digest is not the one that the server or the manifest states.
 * - `changed`: the content changed on the server meanwhile.
 * - `not-the-file`: something else answered in place of the file, such as a login page.
 * - `encoded`: they came in an encoding that was not asked for, and nothing says that they are the file's all the same.
 * - `archive`: an archive ends too early, or a member does not match the archive's own manifest.
 * - `manifest`: the bytes have the server's checksum, and an OVF manifest states another digest: it is the manifest that is
 *   wrong. Downloading again does not help; `manifest: "report"` does.
 * - `incomplete`: an OVF manifest names a file that the item does not have, and `requireVerified` asks for it.
 * - `unverifiable`: nothing is known to compare them with, and `requireVerified` asks for it.
 */
export type IntegrityProblem =
  | "length"
  | "digest"
  | "changed"
  | "not-the-file"
  | "encoded"
  | "archive"
  | "manifest"
  | "incomplete"
  | "unverifiable";

/** Options of an {@link IntegrityError}. */
export interface IntegrityErrorOptions extends CarrelErrorOptions {
  readonly problem: IntegrityProblem;
}

/**
 * The bytes are not what they should be: too few, too many, a wrong digest, another content, a page in place of a file.
 * Whatever was written is not under a final name. Downloading again may help where `retryable` is true.
 */
export class IntegrityError extends CarrelError {
  static override readonly brand: string = "IntegrityError";
  override readonly code = "INTEGRITY" as const;
  override readonly retryable: boolean;
  /** What is wrong, for `switch`. */
  readonly problem: IntegrityProblem;

  constructor(message: string, options: IntegrityErrorOptions) {
    super(message, options);
    this.problem = options.problem;
    this.retryable = !["manifest", "incomplete", "unverifiable"].includes(options.problem);
  }
}
