import type { Clock } from "@carrel/core";

/** Time that passes at once: a wait takes a turn of the event loop, after which the clock shows that it is over. */
export function eagerClock(): Clock {
  let nowMs = 0;
  return {
    now: () => nowMs,
    wall: () => nowMs,
    schedule(ms, callback) {
      const timer = setTimeout(() => {
        nowMs += ms;
        callback();
      }, 1);
      return () => clearTimeout(timer);
    },
  };
}
