import { hostname } from "node:os";
import { randomUUID } from "node:crypto";

/** Who holds a lock, as written into the lock file. */
export interface LockOwner {
  readonly host: string;
  readonly pid: number;
  /** When that process began, milliseconds since 1970: a later process may get the same pid. */
  readonly processStartMs: number;
  /** Tells this holding of the lock from any other. */
  readonly nonce: string;
}

/** A holder that has not touched its lock for this long is taken for dead. */
export const staleAfterMs: number = 60_000;
/** How often a holder touches its lock. */
export const touchEveryMs: number = 10_000;

/** This process as the owner of a new lock. */
export function newOwner(): LockOwner {
  return { host: hostname(), pid: process.pid, processStartMs: startOfProcess(), nonce: randomUUID() };
}

/** Reads an owner; `undefined` when the text is none, as in a lock that was cut off while it was written. */
export function parseOwner(text: string): LockOwner | undefined {
  try {
    const value = JSON.parse(text) as Partial<LockOwner> | null;
    if (typeof value?.host !== "string" || typeof value.nonce !== "string") return undefined;
    if (typeof value.pid !== "number" || typeof value.processStartMs !== "number") return undefined;
    return { host: value.host, pid: value.pid, processStartMs: value.processStartMs, nonce: value.nonce };
  } catch {
    return undefined;
  }
}

/** Whether the holder of a lock is gone. `untouchedMs` is how long ago it touched the lock. */
export function isStale(owner: LockOwner | undefined, untouchedMs: number): boolean {
  if (untouchedMs > staleAfterMs) return true;
  // A lock without an owner was created a moment ago, or its writer was killed between two calls.
  if (owner === undefined) return untouchedMs > 2_000;
  if (owner.host !== hostname()) return false;
  if (owner.pid === process.pid) return Math.abs(owner.processStartMs - startOfProcess()) > 2_000;
  return !isRunning(owner.pid);
}

function startOfProcess(): number {
  return Math.round(Date.now() - process.uptime() * 1_000);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
