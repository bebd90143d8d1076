import type { Clock } from "@carrel/core";

/** A clock that stands still until it is moved. */
export class HandClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Set<{ readonly atMs: number; readonly callback: () => void }>();
  now(): number {
    return this.#nowMs;
  }
  wall(): number {
    return this.#nowMs;
  }
  schedule(ms: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }
  move(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#nowMs = next.atMs;
      next.callback();
    }
    this.#nowMs = untilMs;
  }
  get waiting(): number {
    return this.#timers.size;
  }
}

/** Time that passes at once: a wait takes a turn of the event loop, after which the clock shows that it is over. */
export function eagerClock(): Clock {
  let nowMs = 0;
  return {
    now: () => nowMs,
    wall: () => nowMs,
    schedule(ms, callback, options) {
      // A line a minute would never end.
      if (options?.background === true) return () => undefined;
      const timer = setTimeout(() => {
        nowMs += ms;
        callback();
      }, 1);
      return () => clearTimeout(timer);
    },
  };
}
