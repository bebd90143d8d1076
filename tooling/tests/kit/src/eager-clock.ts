/** The clock that the packages take, as far as tests need it. */
export interface EagerClock {
  now(): number;
  wall(): number;
  schedule(ms: number, callback: () => void): () => void;
}

/** Time that passes at once: a wait takes a turn of the event loop, after which the clock shows that it is over. */
export function eagerClock(): EagerClock {
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
