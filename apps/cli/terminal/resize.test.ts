import { describe, expect } from "vitest";
import { test } from "../test/support/fixture.ts";
import { leftOn, untilSeen, unwrapped, watch, withMoreBars } from "./pictures.ts";
import { openTerminal } from "./terminal.ts";

const MiB = 1_048_576;
const files = [
  { name: "a-disk-with-a-rather-long-name-0.vmdk", sizeBytes: 8 * MiB },
  { name: "disk-1.vmdk", sizeBytes: 6 * MiB },
  { name: "disk-2.vmdk", sizeBytes: 1 * MiB },
];
const libraries = [{ name: "Images", items: [{ name: "disks", files }] }];
const args = ["get", "Images/disks", "--limit-rate", "6M", "-o"];

/** All that the program may leave on the terminal, the files in any order. */
const finished = [
  expect.stringMatching(/^ +1\.0 MiB {2}verified by checksum .* disk-2\.vmdk$/u),
  expect.stringMatching(/^ +6\.0 MiB {2}verified by checksum .* disk-1\.vmdk$/u),
  expect.stringMatching(/^ +8\.0 MiB {2}verified by checksum .* a-disk-with-a-rather-long-name-0\.vmdk$/u),
];
const summary = [
  expect.stringMatching(/^3 files, .*, all verified by checksum\.$/u),
  expect.stringMatching(/^Saved to/u),
  "exit 0",
];

const cases = [
  { from: 100, to: [60] },
  { from: 100, to: [40] },
  { from: 40, to: [30, 100] },
  { from: 100, to: [90, 80, 70, 60, 50, 45] },
  { from: 100, to: [60, 40, 30, 100, 35, 80] },
];

describe.for([5, 30])("below %i lines", (linesAbove) => {
  test.for(cases)("a terminal of $from columns that gets $to", async ({ from, to }, { simulate, folder }) => {
    const { env } = await simulate({ libraries });
    await using terminal = await openTerminal([...args, folder], env, { columns: from, linesAbove });
    await untilSeen(terminal);
    const seen = watch(terminal);
    for (const columns of to) await terminal.resize(columns);
    // One for each of the three files that are under way, and one for all.
    expect(withMoreBars(await seen, 4)).toEqual([]);
    const left = unwrapped(await leftOn(terminal));
    expect(left.slice(0, linesAbove)).toEqual(Array.from({ length: linesAbove }, (_, index) => `above ${index + 1}`));
    expect(left.slice(linesAbove, linesAbove + 3).toSorted()).toEqual(finished);
    expect(left.slice(linesAbove + 3)).toEqual(summary);
  });
});

test("a terminal that is made lower and higher", async ({ simulate, folder }) => {
  const { env } = await simulate({ libraries });
  await using terminal = await openTerminal([...args, folder], env, { columns: 80, linesAbove: 30 });
  await untilSeen(terminal);
  const seen = watch(terminal);
  for (const rows of [10, 5, 12, 6, 20]) await terminal.resize(80, rows);
  expect(withMoreBars(await seen, 4)).toEqual([]);
  const left = unwrapped(await leftOn(terminal));
  expect(left.slice(30, 33).toSorted()).toEqual(finished);
  expect(left.slice(33)).toEqual(summary);
});

test("bars fill a terminal that is made wider", async ({ simulate, folder }) => {
  const { env } = await simulate({ libraries });
  await using terminal = await openTerminal(["get", "Images/disks", "--limit-rate", "3M", "-o", folder], env, {
    columns: 60,
  });
  await untilSeen(terminal);
  await terminal.resize(110);
  // A row of more than 60 columns.
  await untilSeen(terminal, /^.*[█░].{45,}\S$/mu);
  expect(withMoreBars(await watch(terminal), 4)).toEqual([]);
  const left = unwrapped(await leftOn(terminal));
  expect(left.slice(4)).toEqual(summary);
});
