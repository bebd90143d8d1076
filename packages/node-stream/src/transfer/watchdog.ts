const ticks = 8;

/**
 * Calls back when a server that we are reading from was silent for the limit, to within an eighth of it. Silence is
 * counted in ticks of the event loop's timers: a process that was busy or asleep has ticked once at most meanwhile, so a
 * slow consumer, a blocked loop or a suspended machine is never taken for a silent server.
 */
export class Watchdog {
  readonly #timer: NodeJS.Timeout;
  #silentTicks = 0;
  #watching = false;

  constructor(limitMs: number, onSilence: () => void) {
    this.#timer = setInterval(() => {
      if (!this.#watching) return;
      this.#silentTicks += 1;
      if (this.#silentTicks <= ticks) return;
      this.stop();
      onSilence();
    }, limitMs / ticks);
    this.#timer.unref();
  }

  /** The server was heard, or we begin to listen. */
  heard(): void {
    this.#silentTicks = 0;
    this.#watching = true;
  }

  /** We do not read now, so silence says nothing. */
  pause(): void {
    this.#watching = false;
  }

  stop(): void {
    this.#watching = false;
    clearInterval(this.#timer);
  }
}
