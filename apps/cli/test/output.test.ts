import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatBytes, formatClock, formatDuration } from "../src/output/format.ts";
import { drawLines, eraseLines } from "../src/output/screen.ts";
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
  };

  test("the first row shows all figures that there is room for, the others no sizes", () => {
    expect(layOutRows([row, row], 80, glyphs)).toEqual([
      "ubuntu-26…sk1.vmdk ███░░░░░  45%         18.0/40.0 MiB  112.0 MiB/s    eta 0:01",
      "ubuntu-…k1.vmdk ███░░░░░  45%  112.0 MiB/s    eta 0:01",
    ]);
    expect(layOutRows([row, row], 40, glyphs)).toEqual([
      "ubuntu-2…sk1.vmdk  45% 112.0M/s    0:01",
      "ubuntu-2…sk1.vmdk  45% 112.0M/s    0:01",
    ]);
  });

  test("are no longer in a wide terminal, and lose the bar before the percentage in a narrow one", () => {
    expect(layOutRows([row, row], 200, glyphs)).toEqual(layOutRows([row, row], 80, glyphs));
    expect(layOutRows([row, row], 24, glyphs)).toEqual(["ubuntu-26…sk1.vmdk  45%", "ubuntu-26…sk1.vmdk  45%"]);
  });

  test("show bytes in place of the bar where the length is unknown", () => {
    const { totalBytes: _, ...unknown } = row;
    const [total = "", file = ""] = layOutRows([unknown, unknown], 80, glyphs);
    expect(total).toMatch(/^ubuntu-26…sk1\.vmdk +18\.0 MiB +112\.0 MiB\/s$/u);
    expect(file).toMatch(/^ubuntu-…k1\.vmdk 18\.0 MiB +112\.0 MiB\/s$/u);
  });

  test("no row is ever wider than the terminal", () => {
    const label = fc.string({ unit: "grapheme", minLength: 1 }).map(printable);
    const size = fc.nat({ max: 2 ** 50 });
    const rows = fc.array(
      fc.record({
        label,
        receivedBytes: size,
        totalBytes: fc.option(size, { nil: undefined }),
        bytesPerSecond: fc.option(size, { nil: undefined }),
        note: fc.option(fc.constant("the server is preparing it"), { nil: undefined }),
      }),
    );
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 200 }), (all, columns) => {
        for (const line of layOutRows(all, columns, glyphs)) expect(textWidth(line)).toBeLessThan(columns);
      }),
    );
  });
});

test("lines are drawn over those before, in one write that clears nothing first and leaves the cursor on the first", () => {
  expect(drawLines(["a", "b", "c"])).toBe("\r\u001B[?7la\u001B[K\nb\u001B[K\nc\u001B[K\u001B[J\u001B[?7h\r\u001B[2A");
  expect(drawLines(["a"])).toBe("\r\u001B[?7la\u001B[K\u001B[J\u001B[?7h\r");
  expect(drawLines([])).toBe(eraseLines);
});
