import { describe, expect, test } from "vitest";
import { ProgressLines } from "../src/output/progress-lines.ts";
import type { ProgressRow } from "../src/output/progress-row.ts";
import { HandClock } from "./support/clocks.ts";

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
    row = {
      label: "1 of 3 files",
      receivedBytes: 12 * mib,
      totalBytes: 40 * mib,
      bytesPerSecond: 0,
      state: ["stalled 0:07"],
    };
    clock.move(60_000);
    expect(lines.slice(3)).toEqual(["1 of 3 files: 12.0 MiB of 40.0 MiB, stalled 0:07"]);
    progress[Symbol.dispose]();
    expect(clock.waiting).toBe(0);
  });
});
