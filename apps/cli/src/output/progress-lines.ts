import { systemClock } from "@carrel/core";
import type { Clock } from "@carrel/core";
import { formatBytes, formatClock, formatRate } from "./format.ts";
import type { ProgressRow } from "./progress-row.ts";

const intervalMs = 60_000;

/** Options of {@link ProgressLines}. */
export interface ProgressLinesOptions {
  readonly write: (line: string) => void;
  /** The progress of everything; `undefined` before anything is known. */
  readonly total: () => ProgressRow | undefined;
  readonly clock?: Clock;
}

/** Says how a run gets on where no bars are drawn: a line a minute. Does not keep the process alive. */
export class ProgressLines implements Disposable {
  readonly #options: ProgressLinesOptions;
  readonly #clock: Clock;
  #cancel: () => void;

  constructor(options: ProgressLinesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#cancel = this.#scheduleNext();
  }

  [Symbol.dispose](): void {
    this.#cancel();
  }

  #scheduleNext(): () => void {
    const next = (): void => {
      const row = this.#options.total();
      if (row !== undefined) this.#options.write(describeProgress(row));
      this.#cancel = this.#scheduleNext();
    };
    return this.#clock.schedule(intervalMs, next, { background: true });
  }
}

/** Such as `1 of 3 files: 1.2 GiB of 4.0 GiB, 48.0 MiB/s, 1:05 left`. */
function describeProgress({ label, receivedBytes, totalBytes, bytesPerSecond = 0, state }: ProgressRow): string {
  const of = totalBytes === undefined ? "" : ` of ${formatBytes(totalBytes)}`;
  const [how = formatRate(bytesPerSecond)] = state ?? [];
  const parts = [`${label}: ${formatBytes(receivedBytes)}${of}`, how];
  if (state === undefined && totalBytes !== undefined && bytesPerSecond > 0) {
    parts.push(`${formatClock((Math.max(0, totalBytes - receivedBytes) / bytesPerSecond) * 1000)} left`);
  }
  return parts.join(", ");
}
