import { systemClock } from "../kit/time.ts";

/**
 * The server sent nothing for too long while it was read from.
 *
 * @private Does not follow semantic versioning.
 */
export class Silence extends Error {}

const ticks = 8;

/**
 * Calls back when a server that is being read from was silent for a time, to within an eighth of it. Silence is counted in
 * ticks of the event loop's timers: a process that was busy or suspended has ticked at most once meanwhile, so that a slow
 * consumer, a blocked event loop or a suspended machine is never mistaken for a silent server.
 *
 * @private Does not follow semantic versioning.
 */
export class Watchdog {
  readonly #limitMs: number;
  readonly #onSilence: () => void;
  #cancel: () => void;
  #silentTicks = 0;
  #isWatching = false;

  constructor(limitMs: number, onSilence: () => void) {
    this.#limitMs = limitMs;
    this.#onSilence = onSilence;
    this.#cancel = this.#nextTick();
  }

  /** The server sent something, or reading begins. */
  heard(): void {
    this.#silentTicks = 0;
    this.#isWatching = true;
  }

  /** Nothing is read now, so silence means nothing. */
  pause(): void {
    this.#isWatching = false;
  }

  stop(): void {
    this.#isWatching = false;
    this.#cancel();
  }

  #nextTick(): () => void {
    return systemClock.schedule(this.#limitMs / ticks, () => this.#tick(), { background: true });
  }

  #tick(): void {
    this.#cancel = this.#nextTick();
    if (!this.#isWatching) return;
    this.#silentTicks += 1;
    if (this.#silentTicks <= ticks) return;
    this.stop();
    this.#onSilence();
  }
}
