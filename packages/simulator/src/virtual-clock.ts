import { setImmediate } from "node:timers/promises";
import type { Clock } from "@carrel/core";

/** Time that stands still until a test moves it. Give the same one to the simulator and to the client. */
export interface VirtualClock extends Clock {
  /**
   * Moves time on. What falls due meanwhile is called in its order, at its time, with a turn of the event loop after
   * each call. Exchanges over sockets take real time all the same: wait for what you expect of them.
   */
  advance(ms: number): Promise<void>;
  /** How many calls are scheduled: 0 when nothing waits for time any more. */
  readonly pending: number;
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/**
 * Makes a clock for tests.
 *
 * @param startsAt what the wall clock shows at first; default the first of January 2026
 *
 * @example
 * ```ts
 * import { startSimulator, virtualClock } from "@carrel/simulator";
 *
 * const clock = virtualClock();
 * await using simulator = await startSimulator({ clock });
 * await clock.advance(5 * 60_000);
 * ```
 */
export function virtualClock(startsAt: Date = new Date("2026-01-01T00:00:00Z")): VirtualClock {
  const timers = new Set<Timer>();
  let now = 0;
  return {
    now: () => now,
    wall: () => startsAt.getTime() + now,
    schedule(ms, callback) {
      const timer: Timer = { at: now + Math.max(ms, 0), callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    get pending() {
      return timers.size;
    },
    async advance(ms) {
      const end = now + ms;
      for (let timer = earliest(timers, end); timer; timer = earliest(timers, end)) {
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.callback();
        await setImmediate();
      }
      now = end;
      await setImmediate();
    },
  };
}

/** The timer that is due first, of several due together the one that was scheduled first. */
function earliest(timers: ReadonlySet<Timer>, end: number): Timer | undefined {
  let first: Timer | undefined;
  for (const timer of timers) {
    if (timer.at <= end && (!first || timer.at < first.at)) first = timer;
  }
  return first;
}
