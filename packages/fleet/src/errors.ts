import { CarrelError } from "@carrel/core";
import type { CarrelErrorOptions } from "@carrel/core";

/**
 * Why a fleet cannot be opened or do what it was asked to do.
 *
 * - `database-unreachable`: the database does not answer.
 * - `database-version`: the database is not PostgreSQL, or is older than version 14.
 * - `database-rights`: the user may not log in, or not create a schema.
 * - `database-pooler`: a pooler is in between that shares sessions among transactions; slots need sessions of their own.
 * - `locked`: another process has the embedded database; `holder` says which.
 * - `database-directory`: the directory of the embedded database cannot be used.
 * - `no-document`: no document was applied yet.
 * - `not-found`: the document has no such mirror, or the database no such item.
 * - `library`: the library of a mirror does not exist, or its name is that of several.
 * - `target`: the target of a mirror cannot be used yet.
 * - `lost-claim`: another worker has taken the item over, or the database was not reached for so long that one may have.
 */
export type FleetProblem =
  | "database-unreachable"
  | "database-version"
  | "database-rights"
  | "database-pooler"
  | "locked"
  | "database-directory"
  | "no-document"
  | "not-found"
  | "library"
  | "target"
  | "lost-claim";

/** Options of a {@link FleetError}. */
export interface FleetErrorOptions extends CarrelErrorOptions {
  readonly problem: FleetProblem;
  /** The database, without a password, or the directory that it is about. */
  readonly database?: string | undefined;
  /** Who holds the lock, where the problem is `locked`. */
  readonly holder?: string | undefined;
  /** Of the database, where the problem is `database-version`. */
  readonly version?: string | undefined;
}

/** Problems that pass by themselves. */
const passing: ReadonlySet<FleetProblem> = new Set(["database-unreachable", "locked", "lost-claim"]);

/** A fleet cannot be opened, or cannot do what it was asked to do. */
export class FleetError extends CarrelError {
  static override readonly brand: string = "FleetError";
  override readonly code = "FLEET" as const;
  override readonly retryable: boolean;
  /** Why, for `switch`. */
  readonly problem: FleetProblem;
  /** The database, without a password, or the directory that it is about, where there is one. */
  readonly database: string | undefined;
  /** Who holds the lock; only where it is `locked`. */
  readonly holder: string | undefined;
  /** Of the database; only where that is the problem. */
  readonly version: string | undefined;

  constructor(message: string, options: FleetErrorOptions) {
    super(message, options);
    const { problem, database, holder, version } = options;
    this.retryable = passing.has(problem);
    this.problem = problem;
    this.database = database;
    this.holder = holder;
    this.version = version;
  }
}
