import { TransferError } from "@carrel/core";
import { hostname } from "node:os";
import { randomUUID } from "node:crypto";
import { readFile, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { systemCode } from "./fs-error.ts";
import { readAtOnce } from "./stat.ts";
import { renameWithPatience } from "./durable-rename.ts";
import { quote } from "./names.ts";

/** A lock was taken over by somebody else, or removed: whoever held it must write nothing more. */
export class LockLostError extends TransferError {
  static override readonly brand: string = "LockLostError";

  constructor(message: string, path: string) {
    super(message, { problem: "lock-lost", path });
  }
}

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
const touchEveryMs: number = 10_000;

/** This process as the owner of a new lock. */
export function newOwner(): LockOwner {
  return { host: hostname(), pid: process.pid, processStartMs: startOfProcess(), nonce: randomUUID() };
}

/** Reads an owner; `undefined` when the text is none, as in a lock that was cut off while it was written. */
function parseOwner(text: string): LockOwner | undefined {
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
function isStale(owner: LockOwner | undefined, untouchedMs: number): boolean {
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

const maxAttempts = 100;
const pauseMs = 50;

interface Seen {
  readonly owner: LockOwner | undefined;
  readonly untouchedMs: number;
}

/**
 * A lock between processes: a file that names its owner. A lock whose owner is dead, or has not touched it for a
 * minute, is taken over. It keeps honest processes apart; whoever was taken for dead by mistake notices at the next
 * {@link assertHeld} and stops.
 */
export class FileLock {
  readonly path: string;
  readonly #owner: LockOwner;
  readonly #timer: NodeJS.Timeout;

  private constructor(path: string, owner: LockOwner) {
    this.path = path;
    this.#owner = owner;
    this.#timer = setInterval(() => {
      const now = new Date();
      utimes(path, now, now).catch(() => {});
    }, touchEveryMs);
    this.#timer.unref();
  }

  /**
   * Takes the lock at `path`.
   *
   * @param inUse - Makes the error for a lock that a living process holds: its argument says which process.
   */
  static async acquire(path: string, inUse: (holder: string) => Error): Promise<FileLock> {
    const owner = newOwner();
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      if (await createLock(path, owner)) return new FileLock(path, owner);
      const seen = await look(path);
      if (seen === undefined) continue;
      if (seen.owner?.nonce === owner.nonce) return new FileLock(path, owner);
      const { owner: holder } = seen;
      if (isStale(holder, seen.untouchedMs)) await takeOver(path, owner);
      else if (holder !== undefined) throw inUse(describe(holder));
      else await sleep(pauseMs);
    }
    throw new TransferError(
      `The lock ${quote(path)} could not be taken: others take it all the time. Try again later.`,
      { problem: "locked", path },
    );
  }

  /**
   * Makes sure that nobody took the lock over while this process was stopped.
   *
   * @throws {@link LockLostError} `TRANSFER`: somebody did.
   */
  async assertHeld(): Promise<void> {
    const seen = await look(this.path);
    if (seen?.owner?.nonce === this.#owner.nonce) return;
    throw new LockLostError(
      `The lock ${quote(this.path)} is no longer ours: this process stood still for too long, or the file was removed. ` +
        "What was under way gets no final name; start again.",
      this.path,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    const seen = await look(this.path).catch(() => undefined);
    if (seen?.owner?.nonce === this.#owner.nonce) await unlink(this.path).catch(() => {});
  }
}

async function createLock(path: string, owner: LockOwner): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(owner), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
}

async function look(path: string): Promise<Seen | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, { encoding: "utf8", flag: readAtOnce }), stat(path)]);
    return { owner: parseOwner(text), untouchedMs: Date.now() - mtimeMs };
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Replaces a stale lock by ours. Two processes may see the same stale lock: whoever creates the claim looks again, and
 * renames the claim over the lock, so that nothing is left behind wherever it is killed. The caller looks once more.
 */
async function takeOver(path: string, owner: LockOwner): Promise<void> {
  const claim = `${path}.claim`;
  if (!(await createLock(claim, owner))) {
    const other = await look(claim);
    if (other !== undefined && isStale(other.owner, other.untouchedMs)) await unlink(claim).catch(ignoreMissing);
    else await sleep(pauseMs);
    return;
  }
  const seen = await look(path);
  if (seen !== undefined && isStale(seen.owner, seen.untouchedMs)) {
    await renameWithPatience(claim, path).catch(ignoreMissing);
  } else await unlink(claim).catch(ignoreMissing);
}

function ignoreMissing(error: unknown): void {
  if (systemCode(error) !== "ENOENT") throw error;
}

/** Such as `pid 4711 on host, running since 2026-01-31T03:00:00.000Z`. */
function describe({ pid, host, processStartMs }: LockOwner): string {
  const since = new Date(processStartMs);
  return `pid ${pid} on ${host}${Number.isNaN(since.getTime()) ? "" : `, running since ${since.toISOString()}`}`;
}
