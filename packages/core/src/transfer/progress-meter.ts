import type { DownloadEvent } from "../download/download-event.ts";
import { defined } from "../kit/objects.ts";

interface MeterOptions {
  readonly file: string;
  readonly totalBytes: () => number | undefined;
  readonly startByte: number;
  readonly intervalMs: number;
  readonly emit: (event: DownloadEvent) => void;
}

/** Half of a rate's weight is on what happened in this many of the last milliseconds. */
const halfLifeMs = 2_000;

/**
 * Turns the bytes of one file into `transferring` events, with a rate that forgets slowly.
 *
 * @private Does not follow semantic versioning.
 */
export class ProgressMeter {
  readonly #options: MeterOptions;
  #received: number;
  #reportedBytes: number;
  #reportedAt: number;
  /** Bytes, and the milliseconds that they took, each with less weight the longer ago it was. */
  #weighted = { bytes: 0, ms: 0 };
  #isFlowing = false;

  constructor(options: MeterOptions) {
    this.#options = options;
    this.#received = options.startByte;
    this.#reportedBytes = options.startByte;
    this.#reportedAt = performance.now();
  }

  add(bytes: number): void {
    this.#received += bytes;
    if (!this.#isFlowing) this.#begin();
    else if (performance.now() - this.#reportedAt >= this.#options.intervalMs) this.#report();
  }

  /** Reports bytes that are here and arrive again, to be compared. They do not count for the rate. */
  reread(comparedBytes: number, keptBytes: number): void {
    const now = performance.now();
    if (comparedBytes < keptBytes && now - this.#reportedAt < this.#options.intervalMs) return;
    this.#reportedAt = now;
    this.#isFlowing = false;
    const { file, emit } = this.#options;
    emit({ type: "rereading", file, comparedBytes, keptBytes });
  }

  /** Reports the last state, however recent the last report is. */
  finish(): void {
    if (this.#received > this.#reportedBytes) this.#report();
  }

  /** Reports the first bytes. The wait for them does not count for the rate from now on. */
  #begin(): void {
    this.#isFlowing = true;
    this.#report();
    this.#weighted = { bytes: 0, ms: 0 };
  }

  #report(): void {
    const { file, emit } = this.#options;
    const totalBytes = this.#options.totalBytes();
    const now = performance.now();
    const elapsedMs = Math.max(now - this.#reportedAt, 1);
    const weight = 0.5 ** (elapsedMs / halfLifeMs);
    const { bytes, ms } = this.#weighted;
    this.#weighted = { bytes: bytes * weight + this.#received - this.#reportedBytes, ms: ms * weight + elapsedMs };
    const rate = (this.#weighted.bytes * 1_000) / this.#weighted.ms;
    this.#reportedBytes = this.#received;
    this.#reportedAt = now;
    const leftBytes = totalBytes === undefined ? undefined : Math.max(totalBytes - this.#received, 0);
    const etaMs = leftBytes === undefined || rate === 0 ? undefined : Math.round((leftBytes * 1_000) / rate);
    emit({
      type: "transferring",
      file,
      receivedBytes: this.#received,
      bytesPerSecond: Math.round(rate),
      ...defined({ totalBytes, etaMs }),
    });
  }
}

/**
 * The progress of all files together, in whole percent, which is reported to the server.
 *
 * @private Does not follow semantic versioning.
 */
export class OverallProgress {
  readonly #totals: ReadonlyMap<string, number | undefined>;
  readonly #received = new Map<string, number>();
  readonly #report: (percent: number) => void;
  #reportedPercent = 0;

  constructor(totals: ReadonlyMap<string, number | undefined>, report: (percent: number) => void) {
    this.#totals = totals;
    this.#report = report;
  }

  /** Notes how many bytes of a file are here. */
  set(file: string, bytes: number): void {
    this.#received.set(file, bytes);
    const percent = this.#percent();
    if (percent <= this.#reportedPercent) return;
    this.#reportedPercent = percent;
    this.#report(percent);
  }

  // Never 100: a server may take that for the end, and the files are not verified yet.
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
