import type { DownloadEvent } from "@carrel/core";

interface MeterOptions {
  readonly file: string;
  readonly totalBytes: () => number | undefined;
  readonly startByte: number;
  readonly everyMs: number;
  readonly emit: (event: DownloadEvent) => void;
}

/** Half of a rate's weight is on what happened in the last so many milliseconds. */
const halfLifeMs = 2_000;

/** Turns the bytes of one file into `transferring` events, with a rate that forgets slowly. */
export class ProgressMeter {
  readonly #options: MeterOptions;
  #received: number;
  #toldBytes: number;
  #toldAt: number;
  #rate: number | undefined;
  #isFlowing = false;

  constructor(options: MeterOptions) {
    this.#options = options;
    this.#received = options.startByte;
    this.#toldBytes = options.startByte;
    this.#toldAt = performance.now();
  }

  add(bytes: number): void {
    this.#received += bytes;
    if (!this.#isFlowing) this.#begin();
    else if (performance.now() - this.#toldAt >= this.#options.everyMs) this.#tell();
  }

  /** Tells the last state, whenever it was told before. */
  finish(): void {
    if (this.#received > this.#toldBytes) this.#tell();
  }

  /** Bytes flow: the wait for the first of them is no part of the rate from now on. */
  #begin(): void {
    this.#isFlowing = true;
    this.#tell();
    this.#rate = undefined;
  }

  #tell(): void {
    const { file, emit } = this.#options;
    const totalBytes = this.#options.totalBytes();
    const now = performance.now();
    const elapsedMs = Math.max(now - this.#toldAt, 1);
    const rate = ((this.#received - this.#toldBytes) * 1_000) / elapsedMs;
    const weight = 0.5 ** (elapsedMs / halfLifeMs);
    this.#rate = this.#rate === undefined ? rate : this.#rate * weight + rate * (1 - weight);
    this.#toldBytes = this.#received;
    this.#toldAt = now;
    const leftBytes = totalBytes === undefined ? undefined : Math.max(totalBytes - this.#received, 0);
    emit({
      type: "transferring",
      file,
      receivedBytes: this.#received,
      bytesPerSecond: Math.round(this.#rate),
      ...(totalBytes !== undefined && { totalBytes }),
      ...(leftBytes !== undefined && this.#rate > 0 && { etaMs: Math.round((leftBytes * 1_000) / this.#rate) }),
    });
  }
}
