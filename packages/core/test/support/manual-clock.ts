import type { Clock } from "../../src/kit/time.ts";

/** Time that moves only when a test says so. */
export interface ManualClock extends Clock {
  /** Lets time pass; timers that come due fire in order, each at its own time. */
  advance(ms: number): void;
  /** Only the wall clock moves, as on a machine that was asleep. */
  sleepMachine(ms: number): void;
  /** Times from now at which timers are due, soonest first. */
  readonly pending: readonly number[];
}

export function manualClock(): ManualClock {
  let nowMs = 0;
  let sleptMs = 0;
  const timers = new Set<{ readonly at: number; readonly fire: () => void }>();
  const soonest = (): { readonly at: number; readonly fire: () => void } | undefined =>
    [...timers].toSorted((a, b) => a.at - b.at)[0];
  return {
    now: () => nowMs,
    wall: () => nowMs + sleptMs,
    schedule(ms, fire) {
      const timer = { at: nowMs + ms, fire };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const end = nowMs + ms;
      for (let timer = soonest(); timer && timer.at <= end; timer = soonest()) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.at);
        timer.fire();
      }
      nowMs = end;
    },
    sleepMachine(ms) {
      sleptMs += ms;
    },
    get pending() {
      return [...timers].map((timer) => timer.at - nowMs).toSorted((a, b) => a - b);
    },
  };
}
