import { CarrelError, ServerError } from "@carrel/core";
import type { CarrelErrorOptions } from "@carrel/core";
import { LockLostError } from "@carrel/node-stream/fs";
import type { MirrorReport } from "./report.ts";

/**
 * Why a directory cannot be used as a mirror, or an item is not in place.
 *
 * - `locked`: another run is at work in the directory; `holder` says which.
 * - `other-library`: the directory mirrors another library, `library`.
 * - `inside-other`: the directory is inside `path`, which is another mirror or published library, `library`; nothing was written.
 * - `not-a-mirror`: the directory has no record of a mirror.
 * - `record`: the record of what the mirror put into the directory cannot be parsed.
 * - `record-owner`: the record belongs to another user, or others may write to it.
 * - `library-empty`: the library shows no items any more, as for a user who lost the right to see them; nothing was deleted.
 * - `too-many-deletions`: more items no longer exist on the server than may be deleted; nothing was changed.
 * - `no-space`: there is less free space than the mirror would grow by; nothing was changed.
 * - `other-items`: it was to be published, and somebody else's library is published there; nothing was changed.
 * - `obstacle`: something of another kind or of another user has a name that the mirror needs.
 * - `not-ours`: a file that the mirror did not create has the name of a file of the item, and differs from it.
 * - `through-link`: a symbolic link has the name of an item's directory; links are not followed.
 * - `gone-through-link`: the same for an item that no longer exists on the server; nothing was deleted.
 * - `name-clash`: the names of several items are one name on some file systems.
 * - `name-exists`: a renamed item cannot have its directory, because something else has that name.
 * - `name-in-use`: the directory still belongs to another item of the mirror.
 * - `changed`: the item changed on the server during the download.
 * - `incomplete`: some items are not in place, or were not deleted; `report` says which, and why.
 */
export type MirrorProblem =
  | "locked"
  | "other-library"
  | "inside-other"
  | "not-a-mirror"
  | "record"
  | "record-owner"
  | "library-empty"
  | "too-many-deletions"
  | "no-space"
  | "other-items"
  | "obstacle"
  | "not-ours"
  | "through-link"
  | "gone-through-link"
  | "name-clash"
  | "name-exists"
  | "name-in-use"
  | "changed"
  | "incomplete";

/** Options of a {@link MirrorError}. */
export interface MirrorErrorOptions extends CarrelErrorOptions {
  readonly problem: MirrorProblem;
  /** The file or directory that it is about, where there is one. */
  readonly path?: string | undefined;
  /** Who holds the lock, where the problem is `locked`. */
  readonly holder?: string | undefined;
  /** The library that the directory mirrors, where the problem is `other-library`, or has the directory around it, where that is `inside-other`. */
  readonly library?: { readonly id: string; readonly name: string } | undefined;
  /** What was done, where the problem is `incomplete`. */
  readonly report?: MirrorReport | undefined;
}

/** Problems that pass by themselves, or with another run. */
const passing: ReadonlySet<MirrorProblem> = new Set(["locked", "no-space", "name-in-use", "changed"]);

/**
 * A directory cannot be used as a mirror, or does not hold all of the library.
 *
 * @example
 * ```ts
 * import type { CarrelClient } from "@carrel/core";
 * import { MirrorError, mirrorLibrary } from "@carrel/mirror";
 *
 * async function mirror(client: CarrelClient, libraryId: string): Promise<void> {
 *   try {
 *     await mirrorLibrary(client, libraryId, "./images").report;
 *   } catch (error) {
 *     if (!(error instanceof MirrorError) || error.report === undefined) throw error;
 *     for (const { item, error: reason } of error.report.failed) process.stderr.write(`${item}: ${reason.message}\n`);
 *   }
 * }
 * ```
 */
export class MirrorError extends CarrelError {
  static override readonly brand: string = "MirrorError";
  override readonly code = "MIRROR" as const;
  override readonly retryable: boolean;
  /** Why, for `switch`. */
  readonly problem: MirrorProblem;
  /** Absolute path of the file or directory that it is about, where there is one. */
  readonly path: string | undefined;
  /** Who holds the lock, such as `pid 4711 on host, running since 2026-01-31T03:00:00.000Z`; only where it is `locked`. */
  readonly holder: string | undefined;
  /** The library that the directory, or the one around it, mirrors or is published as; only where that is another one. */
  readonly library: { readonly id: string; readonly name: string } | undefined;
  /** What was done, and what failed; only where the mirror is `incomplete`. */
  readonly report: MirrorReport | undefined;

  constructor(message: string, options: MirrorErrorOptions) {
    super(message, options);
    const { problem, path, holder, library, report } = options;
    const failed = [...(report?.failed ?? []), ...(report?.notDeleted ?? [])];
    this.retryable = passing.has(problem) || failed.some(({ error }) => error.retryable);
    this.problem = problem;
    this.path = path;
    this.holder = holder;
    this.library = library;
    this.report = report;
  }
}

/**
 * Returns whether a failure concerns one item only, so that the others can still be updated. The rest stops the run: the
 * login was refused, another run took a lock over, or it is not an error of Carrel, but a fault of the program.
 */
export function concernsOneItem(error: unknown): error is CarrelError {
  if (!(error instanceof CarrelError) || error instanceof LockLostError) return false;
  return !(error instanceof ServerError && error.errorType === "UNAUTHENTICATED");
}
