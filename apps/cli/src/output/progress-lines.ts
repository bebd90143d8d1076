import { systemClock } from "@carrel/core";
import type { Clock, DownloadEvent } from "@carrel/core";
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

/**
 * Says how a run gets on where no bars are drawn: a line a minute, and a line where a file is interrupted and where it
 * continues. Does not keep the process alive.
 */
export class ProgressLines implements Disposable {
  readonly #options: ProgressLinesOptions;
  readonly #clock: Clock;
  /** Bytes that files in interruption had, by name. */
  readonly #interrupted = new Map<string, number>();
  #cancel: () => void;

  constructor(options: ProgressLinesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#cancel = this.#scheduleNext();
  }

  /** Takes in an event of an item. Interruptions without progress between them are one. */
  event(item: string, event: DownloadEvent): void {
    if (!("file" in event) || event.file === undefined) return;
    const name = `${item}/${event.file}`;
    const atByte = this.#interrupted.get(name);
    if (event.type === "resumed" && event.cause !== undefined) {
      if (atByte === undefined) {
        const kept = event.fromByte > 0 ? `${formatBytes(event.fromByte)} are kept` : "nothing has arrived";
        this.#options.write(`"${name}" is interrupted, ${kept}: ${event.cause.message}`);
      }
      this.#interrupted.set(name, event.fromByte);
    } else if (atByte !== undefined && isProgress(event, atByte)) {
      this.#interrupted.delete(name);
      this.#options.write(`"${name}" continues at ${formatBytes(atByte)}`);
    } else if (event.type === "failed") {
      this.#interrupted.delete(name);
    }
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

function isProgress(event: DownloadEvent, atByte: number): boolean {
  return event.type === "finished" || (event.type === "transferring" && event.receivedBytes > atByte);
}

/** Such as `1 of 3 files: 1.2 GiB of 4.0 GiB, 48.0 MiB/s, 1:05 left`. */
function describeProgress({ label, receivedBytes, totalBytes, bytesPerSecond = 0 }: ProgressRow): string {
  const of = totalBytes === undefined ? "" : ` of ${formatBytes(totalBytes)}`;
  const parts = [`${label}: ${formatBytes(receivedBytes)}${of}`, formatRate(bytesPerSecond)];
  if (totalBytes !== undefined && bytesPerSecond > 0) {
    parts.push(`${formatClock((Math.max(0, totalBytes - receivedBytes) / bytesPerSecond) * 1000)} left`);
  }
  return parts.join(", ");
}
