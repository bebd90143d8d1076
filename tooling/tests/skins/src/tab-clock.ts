import type { Clock } from "@carrel/core";

/** The time of a page in a tab. While the tab is hidden, time passes but no timer fires: browsers throttle them so much. */
export class TabClock implements Clock {
  readonly #timers = new Set<{ readonly atMs: number; readonly callback: () => void }>();
  #nowMs = 0;

  now(): number {
    return this.#nowMs;
  }

  wall(): number {
    return Date.UTC(2026, 0, 1) + this.#nowMs;
  }

  schedule(ms: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Lets time pass with the tab hidden. */
  hide(ms: number): void {
    this.#nowMs += ms;
  }

  /** Shows the tab again: all timers whose time has come fire, late. */
  show(): void {
    for (const timer of [...this.#timers].toSorted((a, b) => a.atMs - b.atMs)) {
      if (timer.atMs > this.#nowMs || !this.#timers.delete(timer)) continue;
      timer.callback();
    }
  }
}
