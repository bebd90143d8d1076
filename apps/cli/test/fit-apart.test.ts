import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitApart } from "../src/output/fit-apart.ts";
import { layOutRows } from "../src/output/progress-row.ts";
import { textWidth } from "../src/output/text-width.ts";

const ubuntus = [20, 22, 24, 26].map((year) => `ubuntu-${year}.04-live-server-amd64.iso`);
const glyphs = { full: "█", empty: "░", ellipsis: "…" };

describe("fitApart", () => {
  test("shows where names differ in their middle, as far as there is room", () => {
    expect(fitApart(ubuntus, 15, "…")).toEqual([
      "u…20.04-li….iso",
      "u…22.04-li….iso",
      "u…24.04-li….iso",
      "u…26.04-li….iso",
    ]);
    expect(fitApart(ubuntus, 8, "…")).toEqual(["…0.04-li", "…2.04-li", "…4.04-li", "…6.04-li"]);
  });

  test("leaves names as they are that are short, or differ where they are seen", () => {
    const names = ["photon.ova", "ubuntu-26.04-live-server-amd64.iso", "debian-13-netinst-with-firmware.iso"];
    expect(fitApart(names, 15, "…")).toEqual(["photon.ova", "ubuntu-…d64.iso", "debian-…are.iso"]);
  });

  test("tells names apart that differ in one place from some and in another from others", () => {
    const names = ["a1", "a2", "b1", "b2"].map(([one, two]) => `appliance-of-${one}-and-of-${two}-for-all-of-us.vmdk`);
    expect(new Set(fitApart(names, 24, "…")).size).toBe(4);
  });

  test("is never wider than asked for", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 40 });
    const texts = fc.tuple(text, fc.array(text, { maxLength: 4 }), text).map(([head, middles, tail]) => {
      return middles.map((middle) => head + middle + tail);
    });
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 50 }), fc.constantFrom("…", ".."), (all, columns, ellipsis) => {
        for (const fitted of fitApart(all, columns, ellipsis)) expect(textWidth(fitted)).toBeLessThanOrEqual(columns);
      }),
      { verbose: 0 },
    );
  });
});

describe("rows", () => {
  const rows = ubuntus.map((label) => ({
    label,
    receivedBytes: 18 * 1024 * 1024,
    totalBytes: 40 * 1024 * 1024,
    bytesPerSecond: 4 * 1024 * 1024,
  }));
  const total = { ...rows[0], label: "0 of 4 files", receivedBytes: 1 };

  test.each([80, 40])("of names that differ in their middle are told apart in %d columns", (columns) => {
    const names = layOutRows([total, ...rows], columns, glyphs)
      .slice(1)
      .map((line) => line.split(" ")[0]);
    expect(names.map((name) => ["20", "22", "24", "26"].find((year) => name?.includes(year)))).toEqual([
      "20",
      "22",
      "24",
      "26",
    ]);
  });

  test("show a state in place of rate and time, in as many words as there is room for", () => {
    const state = ["reconnecting, 0:27 left", "reconnecting 0:27", "retry 0:27", "retrying"];
    const [first, second] = rows.map((row) => ({ ...row, state }));
    if (first === undefined || second === undefined) throw new Error("There are four.");
    expect(layOutRows([first, second], 80, glyphs).map((line) => line.split("45%")[1]?.trim())).toEqual([
      "18.0/40.0 MiB  reconnecting, 0:27 left",
      "reconnecting, 0:27 left",
    ]);
    expect(layOutRows([first, second], 40, glyphs).map((line) => line.split("45%")[1]?.trim())).toEqual([
      "retry 0:27",
      "retry 0:27",
    ]);
    expect(layOutRows([first], 30, glyphs)[0]).toMatch(/ 45% retrying$/u);
  });
});
