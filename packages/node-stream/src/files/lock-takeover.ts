import { unlink } from "node:fs/promises";
import { systemClock, TransferError } from "@carrel/core";
import { sleep } from "@carrel/core/kit";
import { renameWithPatience } from "./durable-rename.ts";
import { systemCode } from "./fs-error.ts";
import { isHeldHere, lockTimes } from "./heartbeat.ts";
import { createLock, readLock } from "./lock-file.ts";
import type { LockState, NewFile } from "./lock-file.ts";
import { describeOwner, isDead, isLikelyDead, processOf } from "./lock-owner.ts";
import type { LockOwner } from "./lock-owner.ts";
import { quote } from "@carrel/core/transfer";

/** A file without a readable owner was created a moment ago, or its creator was killed between two calls. */
const ownerlessMs = 2_000;
/** A claim lives as long as a rename takes. */
const claimMs = 2_000;
/** For a pid that suggests but does not prove an end: systems that do not tell boots and namespaces apart. */
const likelyDeadMs = 5_000;
const shortestPollMs = 10;
const longestPollMs = 250;
/** After this long a wait is reported: by then the holder would have shown that it is alive. */
const silentWaitMs = 1_500;
const claimPollMs = 50;
/** Ends the name of the file that becomes the lock when one is taken over. */
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
  /** Called once if a holder has to be watched for more than a moment. */
  readonly onWait?: (wait: LockWait) => void;
  /**
   * Processes that were seen to stand still, shared by locks that are taken together: each process is watched only once.
   * Filled here.
   */
  readonly stalledProcesses?: Set<string>;
}

/** What became of the holder of a lock; `changed` if the lock is not what it was. */
type HolderState = "alive" | "gone" | "changed";

/** Watches the holder of a lock until it is known whether it is alive. */
export async function watchHolder(
  path: string,
  lock: LockState,
  { signal, onWait, stalledProcesses }: LockOptions,
): Promise<HolderState> {
  const { owner } = lock;
  if (owner !== undefined) {
    if (isHeldHere(owner.token)) return "alive";
    if (isDead(owner) || stalledProcesses?.has(processOf(owner))) return "gone";
  }
  const limitMs = patienceFor(owner);
  let isReported = false;
  let stillMs = 0;
  // Most locks of this kind are held for a moment only.
  let pollMs = shortestPollMs;
  for (let last = performance.now(); stillMs < limitMs; pollMs = Math.min(2 * pollMs, longestPollMs, limitMs / 8)) {
    await sleep(systemClock, pollMs, signal);
    const now = performance.now();
    // If this process was held up itself, the holder may have been as well, and gets its time.
    stillMs += Math.min(now - last, 2 * pollMs);
    last = now;
    const current = await readLock(path);
    if (current === undefined || current.owner?.token !== owner?.token) return "changed";
    if (current.stamp !== lock.stamp) return owner === undefined ? "changed" : "alive";
    if (isReported || owner === undefined || stillMs < silentWaitMs) continue;
    isReported = true;
    onWait?.({ holder: describeOwner(owner), leftMs: Math.round(limitMs - stillMs) });
  }
  if (owner !== undefined) stalledProcesses?.add(processOf(owner));
  return "gone";
}

/** How long a holder may stand still, in milliseconds. */
function patienceFor(owner: LockOwner | undefined): number {
  if (owner === undefined) return Math.min(ownerlessMs, lockTimes.staleMs);
  return isLikelyDead(owner) ? Math.min(likelyDeadMs, lockTimes.staleMs) : lockTimes.staleMs;
}

/**
 * Replaces the lock of a holder that is gone. Returns `undefined` if another process was first.
 *
 * Two processes may try at the same time: the one that creates the claim reads the lock again, and renames the claim over
 * it, so that nothing is left behind wherever it is killed.
 */
export async function takeOver(path: string, owner: LockOwner, stale: LockState): Promise<NewFile | undefined> {
  const claim = path + claimSuffix;
  const created = await createLock(claim, owner);
  if (created === undefined) {
    await removeOldClaim(claim);
    return undefined;
  }
  const current = await readLock(path);
  if (current?.stamp !== stale.stamp) {
    await unlink(claim).catch(ignoreMissing);
    return undefined;
  }
  try {
    await renameWithPatience(claim, path);
    return created;
  } catch (error) {
    await unlink(claim).catch(() => {});
    const code = systemCode(error);
    if (code === "ENOENT") return undefined;
    if (code !== "EPERM" && code !== "EACCES") throw error;
    throw new TransferError(
      `Cannot take over the lock ${quote(path)} of ${describeOwner(stale.owner)}: permission denied`,
      { problem: "locked", path, cause: error, retryable: false },
    );
  }
}

async function removeOldClaim(claim: string): Promise<void> {
  const old = await readLock(claim);
  if (old === undefined) return;
  if (old.owner === undefined || !isDead(old.owner)) {
    const until = performance.now() + Math.min(claimMs, lockTimes.staleMs);
    while (performance.now() < until) {
      await sleep(systemClock, claimPollMs);
      if ((await readLock(claim))?.stamp !== old.stamp) return;
    }
  }
  await unlink(claim).catch(ignoreMissing);
}

function ignoreMissing(error: unknown): void {
  if (systemCode(error) !== "ENOENT") throw error;
}
