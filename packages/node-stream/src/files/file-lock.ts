import type { Stats } from "node:fs";
import { open, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { TransferError } from "@carrel/core";
import { renameWithPatience } from "./durable-rename.ts";
import { onDisk, systemCode } from "./fs-error.ts";
import { describeOwner, isDead, isLikelyDead, newOwner, parseOwner, processOf } from "./lock-owner.ts";
import type { LockOwner } from "./lock-owner.ts";
import { quote } from "./names.ts";
import { createNew, openPlainFile, readPlainFile, readSmall, readWrite, setMode } from "./plain-file.ts";

/**
 * Another process took a lock over, or removed it: whoever held it must write, rename and delete nothing more.
 *
 * @private Does not follow semantic versioning.
 */
export class LockLostError extends TransferError {
  static override readonly brand: string = "LockLostError";

  constructor(message: string, path: string) {
    super(message, { problem: "lock-lost", path });
  }
}

/**
 * How often the holder of a lock shows that it is alive, and after how long without that it counts as gone, both in
 * milliseconds. Tests shorten them; nothing else changes them.
 *
 * @private Does not follow semantic versioning.
 */
export const lockTimes: { beatMs: number; staleMs: number } = { beatMs: 1_000, staleMs: 20_000 };

/** A holder of many locks shows that it is alive less often, but not less often than that. */
const maxBeatMs = 5_000;
const beatMsPerLock = 10;
/** A file without a readable owner was created a moment ago, or its creator was killed between two calls. */
const ownerlessMs = 2_000;
/** A claim lives as long as a rename takes. */
const claimMs = 2_000;
/** Where a pid says something but proves nothing: systems that do not tell boots and namespaces apart. */
const likelyDeadMs = 5_000;
const shortestPollMs = 10;
const longestPollMs = 250;
/** After that long a wait is reported: by then the holder would have shown that it is alive. */
const silentWaitMs = 1_500;
const maxAttempts = 1_000;
const pauseMs = 50;
const maxLockBytes = 65_536;
/** Of the file that becomes the lock where one is taken over. */
export const claimSuffix = ".new";

/**
 * A holder that shows no sign of life, and how long it is waited for.
 *
 * @private Does not follow semantic versioning.
 */
export interface LockWait {
  /** Such as `pid 4711 on host, running since 2026-01-31T03:00:00.000Z`. */
  readonly holder: string;
  /** How long it will be watched from now on until the lock is taken over, in milliseconds. */
  readonly leftMs: number;
}

/** Options of taking a lock. */
export interface LockOptions {
  /** Stops waiting; rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Called once where a holder has to be watched for more than a moment. */
  readonly onWait?: (wait: LockWait) => void;
  /**
   * Processes that were seen to stand still, for locks that are taken together: each process is watched only once.
   * Filled here.
   */
  readonly stoodStill?: Set<string>;
}

/**
 * A lock between processes: a file that names its owner and counts on for as long as the owner is alive.
 *
 * It is taken over when the count was seen to stand still for 20 seconds by the clock of whoever waits, or at once when
 * its owner is proved to be dead: same kernel, same pid namespace, no such process. No clock of two machines is compared,
 * and a pid from elsewhere means nothing. An owner that was only held up notices at the next {@link assertHeld}. Because it
 * cannot notice earlier, whoever takes a lock over must not write to anything that the owner may still have open: its
 * files have the {@link token} of the lock in their names, which no two holders share.
 *
 * @private Does not follow semantic versioning.
 */
export class FileLock implements AsyncDisposable {
  readonly path: string;
  readonly token: string;
  /** What the file system makes of a new file of this process, for {@link isOwn}. */
  readonly #ours: NewFile;
  readonly #lost = new AbortController();

  private constructor(path: string, token: string, ours: NewFile) {
    this.path = path;
    this.token = token;
    this.#ours = ours;
    held.set(token, this);
    beat();
  }

  /**
   * Takes the lock at `path`.
   *
   * @param inUse - Makes the error for a lock that a living process holds: its argument says which process.
   * @throws {@link TransferError} `TRANSFER`, `obstacle`: something that is not a lock has its name.
   */
  static async acquire(path: string, inUse: (holder: string) => Error, options: LockOptions = {}): Promise<FileLock> {
    const owner = newOwner();
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      options.signal?.throwIfAborted();
      let ours = await createLock(path, owner);
      if (ours === undefined) {
        const seen = await look(path);
        if (seen === undefined) continue;
        const verdict = await watch(path, seen, options);
        if (verdict === "alive") throw inUse(describeOwner(seen.owner));
        if (verdict === "changed") continue;
        ours = await takeOver(path, owner, seen);
      }
      // Also where creating was not exclusive, as on some network file systems, or took so long that it was taken over.
      if (ours !== undefined && (await look(path))?.owner?.token === owner.token) {
        return new FileLock(path, owner.token, ours);
      }
      await sleep(pauseMs);
    }
    throw new TransferError(`Cannot take the lock ${quote(path)}: other processes keep taking it`, {
      problem: "locked",
      path,
    });
  }

  /**
   * Makes sure that nobody took the lock over while this process stood still.
   *
   * @throws {@link LockLostError} `TRANSFER`, `lock-lost`: somebody did.
   * @throws {@link TransferError} `TRANSFER`, `disk`: the lock cannot be read, or its folder is gone.
   */
  async assertHeld(): Promise<void> {
    if (await this.isHeld()) return;
    const folder = dirname(this.path);
    await onDisk("lock", this.path, () => stat(folder));
    throw this.#noticeLoss();
  }

  /** Aborted soon after the lock was lost, with a {@link LockLostError}: at the next sign of life. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Shows that this process is alive. `false` where the lock turns out to be lost, the first time. */
  async beat(): Promise<boolean> {
    if (this.signal.aborted || (await countOn(this.path, this.token)) || !held.has(this.token)) return true;
    this.#noticeLoss();
    return false;
  }

  #noticeLoss(): LockLostError {
    const error = new LockLostError(
      `Lost the lock ${quote(this.path)}: another process took it over while this one stood still, or the file was removed`,
      this.path,
    );
    this.#lost.abort(error);
    return error;
  }

  /** Whether the lock is still this process's. */
  async isHeld(): Promise<boolean> {
    if (!held.has(this.token)) return false;
    const seen = await onDisk("read", this.path, () => look(this.path)).catch(ignoreObstacle);
    return seen?.owner?.token === this.token;
  }

  /**
   * Whether a file belongs to the user of this process and nobody else may write to it, as far as the file system tells
   * users apart: some show every file as somebody's and open to all, this lock as well.
   */
  isOwn({ uid, mode }: Pick<Stats, "uid" | "mode">): boolean {
    return uid === this.#ours.uid && (mode & othersWrite & ~this.#ours.mode) === 0;
  }

  /** The rights that a new file gets in this folder where nothing else is asked for. */
  get newFileMode(): number {
    return this.#ours.newFileMode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const isHeld = await this.isHeld().catch(() => false);
    held.delete(this.token);
    if (isHeld) await unlink(this.path).catch(() => {});
  }
}

/** Bits of a mode by which the group, or everybody, may write. */
const othersWrite = 0o022;

/** How the file system shows a file that this process has just created for itself alone. */
interface NewFile extends Pick<Stats, "uid" | "mode"> {
  /** Its rights before they were taken away from others. */
  readonly newFileMode: number;
}

interface Seen {
  readonly owner: LockOwner | undefined;
  /** All that changes when the holder shows that it is alive. */
  readonly state: string;
}

const held = new Map<string, FileLock>();
let beating: NodeJS.Timeout | undefined;
let count = 0;

/** Shows that this process is alive in all locks that it holds, one after the other, and again a moment later. */
function beat(): void {
  if (beating !== undefined || held.size === 0) return;
  const ms = Math.max(lockTimes.beatMs, Math.min(maxBeatMs, held.size * beatMsPerLock));
  beating = setTimeout(() => {
    count += 1;
    void beatAll().finally(() => {
      beating = undefined;
      beat();
    });
  }, ms).unref();
}

async function beatAll(): Promise<void> {
  for (const lock of held.values()) {
    // One lost, because this process stood still: whoever has it may be about to take the others that belong to it.
    if (!(await lock.beat().catch(() => true))) return;
  }
}

/** `false` where the lock is another's, or gone. */
async function countOn(path: string, token: string): Promise<boolean> {
  // By what is open, not by the name: by now that may be the lock of whoever took this one over.
  const handle = await openPlainFile(path, readWrite);
  if (handle === undefined) return false;
  try {
    const { text } = await readSmall(handle, path, maxLockBytes);
    if (parseOwner(text)?.token !== token) return false;
    const at = Buffer.byteLength(text.slice(0, text.indexOf("\n") + 1));
    const now = new Date();
    // A disk that is full takes no bytes, but may take a time.
    await handle.write(counter(count), at).catch(() => handle.utimes(now, now));
    return true;
  } finally {
    await handle.close();
  }
}

function counter(value: number): string {
  return `${String(value).padStart(15, "0")}\n`;
}

async function look(path: string): Promise<Seen | undefined> {
  const file = await readPlainFile(path, maxLockBytes);
  if (file === undefined) return undefined;
  const { text, stats } = file;
  return { owner: parseOwner(text), state: `${stats.ino} ${stats.size} ${stats.mtimeMs} ${text}` };
}

/** Creates a lock file; `undefined` where there is one already. Returns how the file system shows it. */
async function createLock(path: string, owner: LockOwner): Promise<NewFile | undefined> {
  const handle = await open(path, createNew, 0o666).catch((error: unknown) => {
    if (systemCode(error) !== "EEXIST") throw error;
  });
  if (handle === undefined) return undefined;
  try {
    const { mode: newMode } = await handle.stat();
    await setMode(handle, 0o600);
    await handle.writeFile(`${JSON.stringify(owner)}\n${counter(0)}`);
    const { uid, mode } = await handle.stat();
    return { uid, mode, newFileMode: newMode & 0o777 };
  } catch (error) {
    await unlink(path).catch(() => {});
    throw error;
  } finally {
    await handle.close();
  }
}

type Verdict = "alive" | "gone" | "changed";

/** Watches the holder of a lock until it is known whether it is alive. `changed`: the lock is not what it was. */
async function watch(path: string, seen: Seen, { signal, onWait, stoodStill }: LockOptions): Promise<Verdict> {
  const { owner } = seen;
  if (owner !== undefined) {
    if (held.has(owner.token)) return "alive";
    if (isDead(owner) || stoodStill?.has(processOf(owner))) return "gone";
  }
  const limitMs = patienceFor(owner);
  let isReported = false;
  let stillMs = 0;
  // Most locks of this kind are held for a moment only.
  let pollMs = shortestPollMs;
  for (let last = performance.now(); stillMs < limitMs; pollMs = Math.min(2 * pollMs, longestPollMs, limitMs / 8)) {
    await sleep(pollMs, undefined, signal && { signal }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    });
    const now = performance.now();
    // Where this process was held up itself, the holder may have been as well, and gets its time.
    stillMs += Math.min(now - last, 2 * pollMs);
    last = now;
    const next = await look(path);
    if (next === undefined || next.owner?.token !== owner?.token) return "changed";
    if (next.state !== seen.state) return owner === undefined ? "changed" : "alive";
    if (isReported || owner === undefined || stillMs < silentWaitMs) continue;
    isReported = true;
    onWait?.({ holder: describeOwner(owner), leftMs: Math.round(limitMs - stillMs) });
  }
  if (owner !== undefined) stoodStill?.add(processOf(owner));
  return "gone";
}

/** How long a holder may stand still. */
function patienceFor(owner: LockOwner | undefined): number {
  if (owner === undefined) return Math.min(ownerlessMs, lockTimes.staleMs);
  return isLikelyDead(owner) ? Math.min(likelyDeadMs, lockTimes.staleMs) : lockTimes.staleMs;
}

/**
 * Replaces a lock of somebody who is gone by ours. Two processes may do so at the same time: whoever creates the claim
 * looks again, and renames the claim over the lock, so that nothing is left behind wherever it is killed.
 */
async function takeOver(path: string, owner: LockOwner, stale: Seen): Promise<NewFile | undefined> {
  const claim = path + claimSuffix;
  const ours = await createLock(claim, owner);
  if (ours === undefined) {
    await removeOldClaim(claim);
    return undefined;
  }
  const seen = await look(path);
  if (seen?.state !== stale.state) {
    await unlink(claim).catch(ignoreMissing);
    return undefined;
  }
  try {
    await renameWithPatience(claim, path);
    return ours;
  } catch (error) {
    await unlink(claim).catch(() => {});
    const code = systemCode(error);
    if (code === "ENOENT") return undefined;
    if (code !== "EPERM" && code !== "EACCES") throw error;
    throw new TransferError(
      `Cannot take over the lock ${quote(path)} of ${describeOwner(stale.owner)}: permission denied`,
      {
        problem: "locked",
        path,
        cause: error,
        retryable: false,
      },
    );
  }
}

async function removeOldClaim(claim: string): Promise<void> {
  const other = await look(claim);
  if (other === undefined) return;
  if (other.owner === undefined || !isDead(other.owner)) {
    const until = performance.now() + Math.min(claimMs, lockTimes.staleMs);
    while (performance.now() < until) {
      await sleep(pauseMs);
      if ((await look(claim))?.state !== other.state) return;
    }
  }
  await unlink(claim).catch(ignoreMissing);
}

function ignoreMissing(error: unknown): void {
  if (systemCode(error) !== "ENOENT") throw error;
}

function ignoreObstacle(error: unknown): undefined {
  if (!(error instanceof TransferError) || error.problem !== "obstacle") throw error;
}
