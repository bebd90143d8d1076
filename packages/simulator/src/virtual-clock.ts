import { setImmediate } from "node:timers/promises";
import type { Clock } from "@carrel/core";

/** Time that stands still until a test moves it. Pass the same clock to the simulator and to the client. */
export interface VirtualClock extends Clock {
  /**
   * Moves time forward. Callbacks that come due are called in order, each at its own time, with a turn of the event loop after
   * each. Exchanges over sockets still take real time: wait for the effect that you expect.
   */
  advance(ms: number): Promise<void>;
  /** How many callbacks are scheduled: 0 when nothing waits for time. */
  readonly pending: number;
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/**
 * Makes a clock for tests.
 *
 * @param startsAt - Initial time of the wall clock. Default: the first of January 2026, UTC.
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

/** The timer that is due first; among several at the same time, the one that was scheduled first. */
function earliest(timers: ReadonlySet<Timer>, end: number): Timer | undefined {
  let first: Timer | undefined;
  for (const timer of timers) {
    if (timer.at <= end && (!first || timer.at < first.at)) first = timer;
  }
  return first;
}
