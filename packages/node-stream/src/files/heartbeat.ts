import { countUp } from "./lock-file.ts";

/**
 * How often the holder of a lock shows that it is alive, and after how long without that it counts as gone, both in
 * milliseconds. Tests shorten them; nothing else changes them.
 *
 * @private Does not follow semantic versioning.
 */
export const lockTimes: { beatMs: number; staleMs: number } = { beatMs: 1_000, staleMs: 20_000 };

/** The interval grows with the number of locks, so that a holder of many is not busy with them alone, up to this one. */
const maxBeatMs = 5_000;
const beatMsPerLock = 10;

/** A lock that this process holds. */
export interface HeldLock {
  readonly path: string;
  readonly token: string;
  /** Called once when another process turns out to have the lock. */
  readonly onLost: () => void;
}

const heldLocks = new Map<string, HeldLock>();
let timer: NodeJS.Timeout | undefined;
let count = 0;

/** Shows at intervals that this process is alive, in this lock and all others that it holds, until {@link stopBeating}. */
export function startBeating(lock: HeldLock): void {
  heldLocks.set(lock.token, lock);
  scheduleBeat();
}

/** Ends the heartbeat of one lock. */
export function stopBeating(token: string): void {
  heldLocks.delete(token);
}

/** Returns whether this process holds the lock with that token, as far as it knows. */
export function isHeldHere(token: string): boolean {
  return heldLocks.has(token);
}

function scheduleBeat(): void {
  if (timer !== undefined || heldLocks.size === 0) return;
  const ms = Math.max(lockTimes.beatMs, Math.min(maxBeatMs, heldLocks.size * beatMsPerLock));
  timer = setTimeout(() => {
    count += 1;
    void beatAll().finally(() => {
      timer = undefined;
      scheduleBeat();
    });
  }, ms).unref();
}

async function beatAll(): Promise<void> {
  for (const lock of heldLocks.values()) {
    // The first one that is lost ends the round: this process stood still, and the process that has the lock now may be
    // about to take over the others.
    if (!(await isLost(lock))) continue;
    stopBeating(lock.token);
    lock.onLost();
    return;
  }
}

async function isLost({ path, token }: HeldLock): Promise<boolean> {
  // What cannot be written now is tried again with the next beat.
  const isCounted = await countUp(path, token, count).catch(() => true);
  return !isCounted && heldLocks.has(token);
}
