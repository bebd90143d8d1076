import type { Clock } from "@carrel/core";

/** The longest time that setTimeout takes. */
const longestMs = 0x7fff_ffff;

/** The machine's time. */
export const realClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  schedule(ms, callback, options) {
    const timer = setTimeout(callback, Math.min(Math.max(ms, 0), longestMs));
    if (options?.background) timer.unref();
    return () => clearTimeout(timer);
  },
};
