import { CarrelError } from "@carrel/core";
import type { CarrelErrorOptions } from "@carrel/core";

/**
 * Why a place cannot be published as a library, or read as one.
 *
 * - `not-a-library`: it has no `lib.json`.
 * - `unreadable`: one of its JSON files is not what the format demands; `path` says which. Nothing was written.
 * - `unsafe-path`: a file or an item lies outside of the library, or where it cannot be served.
 * - `duplicate`: two items have one id or one directory.
 * - `changed`: a file changed while it was being published; or another library is at an address than before.
 * - `not-found`: a web server has no library there, or no such item or file.
 * - `login`: a web server requires a password, or refuses the one that it was sent.
 */
export type VcspProblem =
  | "not-a-library"
  | "unreadable"
  | "unsafe-path"
  | "duplicate"
  | "changed"
  | "not-found"
  | "login";

/** Options of a {@link VcspError}. */
export interface VcspErrorOptions extends CarrelErrorOptions {
  readonly problem: VcspProblem;
  /** The file that it is about, relative to the library, where there is one. */
  readonly path?: string | undefined;
}

/** A place cannot be published as a library that vCenters subscribe to, or cannot be read as one. */
export class VcspError extends CarrelError {
  static override readonly brand: string = "VcspError";
  override readonly code = "VCSP" as const;
  override readonly retryable: boolean;
  /** Why, for `switch`. */
  readonly problem: VcspProblem;
  /** The file that it is about, relative to the library, where there is one. */
  readonly path: string | undefined;

  constructor(message: string, options: VcspErrorOptions) {
    super(message, options);
    this.retryable = options.problem === "changed";
    this.problem = options.problem;
    this.path = options.path;
  }
}
