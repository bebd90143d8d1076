import { IntegrityError } from "@carrel/core";
import type { IntegrityProblem } from "@carrel/core";

/** What an earlier run left turned out not to be the file's beginning. */
export class Disproved extends Error {
  override readonly cause: IntegrityError;

  constructor(cause: IntegrityError) {
    super(cause.message);
    this.cause = cause;
  }
}

/** Of a file that only its manifest contradicts nothing is kept either: a part would not be proved by the checksum again. */
const disproofs: ReadonlySet<IntegrityProblem> = new Set(["digest", "encoded", "archive", "changed", "manifest"]);

/**
 * Whether an error says that the bytes on disk are wrong. A page that came in place of the file says nothing of them,
 * bytes that are too few are a beginning (unless the server served them as the whole), and those that nothing vouches for may be right.
 */
export function disproves(error: unknown, { isWhole }: { readonly isWhole: boolean }): error is IntegrityError {
  if (!(error instanceof IntegrityError)) return false;
  const { problem } = error;
  return disproofs.has(problem) || (problem === "length" && isWhole);
}
