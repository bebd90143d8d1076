import { link, open, readFile, rename, stat, unlink, utimes } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { TransferError } from "@carrel/core";
import { systemCode } from "./fs-error.ts";
import { isStale, newOwner, parseOwner, touchEveryMs } from "./lock-owner.ts";
import type { LockOwner } from "./lock-owner.ts";
import { quote } from "./safe-name.ts";

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
   * Takes the lock at `path` for work on `subject`.
   *
   * @throws {@link TransferError} `TRANSFER`: a living process holds it.
   */
  static async acquire(path: string, subject: string): Promise<FileLock> {
    const owner = newOwner();
    for (let attempt = 0; attempt < 20; attempt++) {
      if (await createLock(path, owner)) return new FileLock(path, owner);
      const seen = await look(path);
      if (seen === undefined) continue;
      if (isStale(seen.owner, seen.untouchedMs)) await breakLock(path, owner);
      else if (seen.owner !== undefined) throw inUse(subject, seen.owner);
      else await sleep(100);
    }
    throw new TransferError(
      `The lock ${quote(path)} could not be taken: others take it all the time. Try again later.`,
    );
  }

  /** Makes sure that nobody took the lock over while this process was stopped. */
  async assertHeld(): Promise<void> {
    const seen = await look(this.path);
    if (seen?.owner?.nonce === this.#owner.nonce) return;
    throw new TransferError(
      `The lock ${quote(this.path)} is no longer ours: this process stood still for too long, or the file was removed. ` +
        "Nothing got its final name; download again.",
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    const seen = await look(this.path).catch(() => undefined);
    if (seen?.owner?.nonce === this.#owner.nonce) await unlink(this.path).catch(() => {});
  }
}

/** Creates the lock with its content in one step: it is never seen half written, and never replaces another. */
async function createLock(path: string, owner: LockOwner): Promise<boolean> {
  const draft = `${path}.${owner.nonce}`;
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(JSON.stringify(owner));
    await handle.close();
    await link(draft, path);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    if (["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EINVAL"].includes(systemCode(error) ?? ""))
      return createPlain(path, owner);
    throw error;
  } finally {
    await handle.close().catch(() => {});
    await unlink(draft).catch(() => {});
  }
}

/** For file systems without hard links. */
async function createPlain(path: string, owner: LockOwner): Promise<boolean> {
  try {
    await using handle = await open(path, "wx", 0o600);
    await handle.writeFile(JSON.stringify(owner));
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
}

async function look(path: string): Promise<Seen | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    return { owner: parseOwner(text), untouchedMs: Date.now() - mtimeMs };
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Removes a stale lock. Two processes may see the same stale lock: whoever moves it aside looks again at what it
 * moved, and puts a lock that turns out to be alive back.
 */
async function breakLock(path: string, owner: LockOwner): Promise<void> {
  const aside = `${path}.${owner.nonce}.stale`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return;
    throw error;
  }
  const moved = await look(aside);
  if (moved !== undefined && !isStale(moved.owner, moved.untouchedMs)) await link(aside, path).catch(() => {});
  await unlink(aside).catch(() => {});
}

function inUse(subject: string, owner: LockOwner): TransferError {
  return new TransferError(
    `${quote(subject)} is being downloaded into this folder by another process (pid ${owner.pid} on ${owner.host}). ` +
      "Wait for it to end, or choose another folder.",
  );
}
