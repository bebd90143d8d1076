import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatBytes, formatClock, formatDuration } from "../src/output/format.ts";
import { createLiveRegion } from "../src/output/live-region.ts";
import { printable } from "../src/output/printable.ts";
import { layOutRows } from "../src/output/progress-row.ts";
import { fitMiddle, textWidth } from "../src/output/text-width.ts";

const glyphs = { full: "█", empty: "░", ellipsis: "…" };

test.for([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [1024 * 1024 - 1, "1.0 MiB"],
  [40 * 1024 * 1024, "40.0 MiB"],
  [3 * 1024 ** 4, "3.0 TiB"],
  [Number.NaN, "?"],
] as const)("%d bytes are %s", ([bytes, text]) => {
  expect(formatBytes(bytes)).toBe(text);
});

test("times", () => {
  expect([0, 6_200, 725_000, 10_800_000].map(formatClock)).toEqual(["0:00", "0:07", "12:05", "3:00:00"]);
  expect([400, 59_949, 185_000, 7_800_000].map(formatDuration)).toEqual(["0.4 s", "59.9 s", "3 min 5 s", "2 h 10 min"]);
});

test("text from a server cannot move the cursor, hide or turn around", () => {
  expect(printable("a\u001B[2Jb\r\nc\u202Egpj.exe")).toBe(String.raw`a\u{1b}[2Jb\u{d}\u{a}c\u{202e}gpj.exe`);
});

describe("widths", () => {
  test("wide characters take two columns", () => {
    expect(textWidth("仮想ディスク.iso")).toBe(16);
  });

  test("a shortened name keeps its ends and never grows", () => {
    expect(fitMiddle("a-very-long-name-of-a-disk.vmdk", 16)).toBe("a-very-l…sk.vmdk");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(60), (text, columns) => {
        expect(textWidth(fitMiddle(text, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

describe("rows", () => {
  const row = {
    label: "ubuntu-26.04-server-disk1.vmdk",
    receivedBytes: 18 * 1024 * 1024,
    totalBytes: 40 * 1024 * 1024,
    bytesPerSecond: 112 * 1024 * 1024,
    etaMs: 1_500,
  };

  test("a wide terminal shows all", () => {
    expect(layOutRows([row], 119, glyphs)).toEqual([
      "ubuntu-26.04-server-disk1.vmdk █████████████░░░░░░░░░░░░░░░░░  45%         18.0/40.0 MiB  112.0 MiB/s    eta 0:02",
    ]);
  });

  test("40 columns show the bar, the percentage and the rate", () => {
    expect(layOutRows([row], 39, glyphs)).toEqual(["ubuntu….vmdk ███░░░░░  45%  112.0 MiB/s"]);
  });

  test("no row is ever wider than the terminal", () => {
    const label = fc.string({ unit: "grapheme", minLength: 1 }).map(printable);
    const size = fc.nat({ max: 2 ** 50 });
    const rows = fc.array(
      fc.record({
        label,
        receivedBytes: size,
        totalBytes: fc.option(size, { nil: undefined }),
        bytesPerSecond: size,
        etaMs: fc.option(fc.nat(1e9), { nil: undefined }),
        note: fc.option(fc.constant("the server is preparing it"), { nil: undefined }),
      }),
    );
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 200 }), (all, columns) => {
        for (const line of layOutRows(all, columns, glyphs)) expect(textWidth(line)).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

describe("live region", () => {
  test("a frame is one write that goes up over the last one and clears nothing first", () => {
    const written: string[] = [];
    const region = createLiveRegion({ columns: 40, rows: 24, write: (text) => written.push(text) });
    region.draw(["a", "b"]);
    region.draw(["c", "d"]);
    region.clear();
    expect(written).toEqual([
      "\ra\u001B[K\nb\u001B[K\u001B[J\r",
      "\r\u001B[1Ac\u001B[K\nd\u001B[K\u001B[J\r",
      "\r\u001B[1A\u001B[K\n\u001B[K\r\u001B[1A",
    ]);
  });

  test("a narrower terminal has wrapped what was drawn", () => {
    const written: string[] = [];
    const terminal = { columns: 40, rows: 24, write: (text: string) => written.push(text) };
    const region = createLiveRegion(terminal);
    region.draw(["x".repeat(39), "y".repeat(39)]);
    terminal.columns = 20;
    region.clear();
    expect(written.at(-1)?.startsWith("\r\u001B[3A")).toBe(true);
  });
});
