import type { Clock, DownloadEvent } from "@carrel/core";
import { describe, expect, test } from "vitest";
import { ProgressLines } from "../src/output/progress-lines.ts";
import type { ProgressRow } from "../src/output/progress-row.ts";

/** A clock that stands still until it is moved. */
class HandClock implements Clock {
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

const mib = 1024 * 1024;

describe("ProgressLines", () => {
  test("writes a line a minute, and none after disposal", () => {
    const clock = new HandClock();
    const lines: string[] = [];
    let row: ProgressRow | undefined;
    const progress = new ProgressLines({ write: (line) => lines.push(line), total: () => row, clock });
    clock.move(60_000);
    expect(lines).toEqual([]);
    row = { label: "1 of 3 files", receivedBytes: 10 * mib, totalBytes: 40 * mib, bytesPerSecond: mib };
    clock.move(59_999);
    expect(lines).toEqual([]);
    clock.move(1);
    expect(lines).toEqual(["1 of 3 files: 10.0 MiB of 40.0 MiB, 1.0 MiB/s, 0:30 left"]);
    row = { label: "1 of 3 files", receivedBytes: 12 * mib, bytesPerSecond: 0 };
    clock.move(120_000);
    expect(lines.slice(1)).toEqual(["1 of 3 files: 12.0 MiB, 0 B/s", "1 of 3 files: 12.0 MiB, 0 B/s"]);
    progress[Symbol.dispose]();
    expect(clock.waiting).toBe(0);
  });

  test("writes a line for interruptions without progress between them, and one where the file continues", () => {
    const lines: string[] = [];
    using progress = new ProgressLines({
      write: (line) => lines.push(line),
      total: () => undefined,
      clock: new HandClock(),
    });
    const cause = {
      name: "TransferError",
      code: "TRANSFER",
      message: "The connection broke",
      retryable: true,
    } as const;
    const resumed = (fromByte: number): DownloadEvent => ({ type: "resumed", file: "a.iso", fromByte, cause });
    const at = (receivedBytes: number): DownloadEvent => ({
      type: "transferring",
      file: "a.iso",
      receivedBytes,
      bytesPerSecond: 1,
    });
    for (const event of [at(mib), resumed(2 * mib), resumed(2 * mib), at(2 * mib), at(3 * mib), at(4 * mib)]) {
      progress.event("image", event);
    }
    expect(lines).toEqual([
      '"image/a.iso" is interrupted, 2.0 MiB are kept: The connection broke',
      '"image/a.iso" continues at 2.0 MiB',
    ]);
    progress.event("image", { type: "resumed", file: "a.iso", fromByte: 5 });
    expect(lines).toHaveLength(2);
  });
});
