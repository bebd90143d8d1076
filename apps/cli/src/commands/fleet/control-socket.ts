import { createHash } from "node:crypto";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** What the address of a socket may have at most on the systems that allow least. */
const longestPath = 100;

/** The calls that a worker answers for other processes of its user. */
export const controlMethods = ["document", "apply", "sync", "status", "cancel", "retry", "history", "doctor"] as const;

/** One of {@link controlMethods}. */
export type ControlMethod = (typeof controlMethods)[number];

/** What a worker answers. */
export type ControlAnswer =
  | { readonly result?: unknown }
  /** Explained where the error is known: `message` and `hints` are for people. */
  | { readonly failure: ControlFailure };

/** A call that failed. */
export interface ControlFailure {
  readonly message: string;
  readonly hints: readonly string[];
  readonly exitCode: number;
}

/**
 * Returns where the worker that has an embedded database listens: beside the database, in a directory that only its user can
 * enter. A path that is too long for a socket is replaced by one in a directory of this user for temporary files; on Windows
 * it is a named pipe, which only the user who made it can write to.
 */
export function socketOf(database: string): string {
  const key = createHash("sha256").update(`${userInfo().uid} ${database}`).digest("hex").slice(0, 24);
  if (process.platform === "win32") return String.raw`\\.\pipe\carrel-fleet-${key}`;
  const beside = `${database}.socket`;
  return Buffer.byteLength(beside) <= longestPath
    ? beside
    : join(tmpdir(), `carrel-${userInfo().uid}`, `${key}.socket`);
}
