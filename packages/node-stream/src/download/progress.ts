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

/** The progress of all files together, in whole percent, for the server and other onlookers. */
export class OverallProgress {
  readonly #totals: ReadonlyMap<string, number | undefined>;
  readonly #received = new Map<string, number>();
  readonly #report: (percent: number) => void;
  #told = 0;

  constructor(totals: ReadonlyMap<string, number | undefined>, report: (percent: number) => void) {
    this.#totals = totals;
    this.#report = report;
  }

  /** So many bytes of a file are there. */
  set(file: string, bytes: number): void {
    this.#received.set(file, bytes);
    const percent = this.#percent();
    if (percent <= this.#told) return;
    this.#told = percent;
    this.#report(percent);
  }

  // Never 100: what a server makes of that is not known, and the checks are still to come.
  #percent(): number {
    let total = 0;
    let received = 0;
    for (const [file, bytes] of this.#totals) {
      if (bytes === undefined) return 0;
      total += bytes;
      received += Math.min(this.#received.get(file) ?? 0, bytes);
    }
    return total === 0 ? 0 : Math.min(99, Math.floor((received * 100) / total));
  }
}
