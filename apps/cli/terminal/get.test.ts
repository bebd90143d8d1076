import { readdir } from "node:fs/promises";
import { expect } from "vitest";
import { textWidth } from "../src/output/text-width.ts";
import { test } from "../test/support/fixture.ts";
import { openTerminal } from "./terminal.ts";
import type { Terminal } from "./terminal.ts";

const MiB = 1_048_576;
const libraries = [
  {
    name: "Images",
    items: [
      {
        name: "two disks",
        files: [
          { name: "a-disk-with-a-rather-long-name-0.vmdk", sizeBytes: 8 * MiB },
          { name: "disk-1.vmdk", sizeBytes: 6 * MiB },
        ],
      },
    ],
  },
];
const patience = { timeout: 30_000, interval: 50 };
const bar = /[█░]/u;

/** Looks at the screen until the program has ended, and returns every different picture. */
async function watch(terminal: Terminal): Promise<readonly string[]> {
  const pictures: string[] = [];
  await expect
    .poll(async () => {
      const picture = await terminal.screen();
      if (picture !== pictures.at(-1)) pictures.push(picture);
      return picture;
    }, patience)
    .toMatch(/^exit \d+$/mu);
  return pictures;
}

function barsOf(picture: string): readonly string[] {
  return picture.split("\n").filter((line) => bar.test(line));
}

test.for([100, 60, 40])(
  "bars stay in place at %i columns and leave nothing behind",
  async (columns, { simulate, folder }) => {
    const { env } = await simulate({ libraries });
    await using terminal = await openTerminal(
      ["get", "Images/two disks", "-o", folder, "--limit-rate", "6M"],
      env,
      columns,
    );
    const pictures = await watch(terminal);
    const withBars = pictures.filter((picture) => bar.test(picture));
    expect(withBars.length).toBeGreaterThan(4);
    for (const picture of withBars) {
      const bars = barsOf(picture);
      // One for each file that is under way, one for all: a bar that wrapped or was left behind would be one more.
      expect(bars.length).toBeLessThanOrEqual(3);
      for (const line of bars) expect(textWidth(line)).toBeLessThanOrEqual(columns);
    }
    const last = pictures.at(-1) ?? "";
    expect(last).not.toMatch(bar);
    expect(last).toMatch(/2 files, 14\.0 MiB/u);
    expect(last).toMatch(/^exit 0$/mu);
    // Nothing of the bars scrolled away either.
    expect(await terminal.history()).not.toMatch(bar);
    expect((await readdir(folder)).toSorted()).toEqual(["a-disk-with-a-rather-long-name-0.vmdk", "disk-1.vmdk"]);
  },
);

test("bars fill a terminal that is made wider in mid-transfer", async ({ simulate, folder }) => {
  const { env } = await simulate({ libraries });
  await using terminal = await openTerminal(["get", "Images/two disks", "-o", folder, "--limit-rate", "4M"], env, 60);
  await expect.poll(() => terminal.screen(), patience).toMatch(bar);
  await terminal.resize(110);
  await expect
    .poll(async () => barsOf(await terminal.screen()).some((line) => line.trimEnd().length > 60), patience)
    .toBe(true);
  const pictures = await watch(terminal);
  for (const picture of pictures) expect(barsOf(picture).length).toBeLessThanOrEqual(3);
  expect(pictures.at(-1)).toMatch(/^exit 0$/mu);
  expect(pictures.at(-1)).not.toMatch(bar);
});

test("Ctrl-C once tidies up and exits with 130", async ({ simulate, folder }) => {
  const { env, simulator } = await simulate({ libraries });
  await using terminal = await openTerminal(["get", "Images/two disks", "-o", folder, "--limit-rate", "1M"], env, 80);
  await expect.poll(() => terminal.screen(), patience).toMatch(bar);
  expect(simulator.openSessions).toHaveLength(1);
  await terminal.press("C-c");
  const pictures = await watch(terminal);
  expect(pictures.at(-1)).toMatch(/^exit 130$/mu);
  expect(pictures.at(-1)).not.toMatch(bar);
  expect(simulator.openSessions).toEqual([]);
  for (const name of await readdir(folder)) expect(name).toMatch(/\.part(\.json)?$/u);
});

test("Ctrl-C twice stops at once, although the server does not answer", async ({ simulate, folder }) => {
  const { env, simulator } = await simulate({ libraries });
  await using terminal = await openTerminal(["get", "Images/two disks", "-o", folder, "--limit-rate", "1M"], env, 80);
  await expect.poll(() => terminal.screen(), patience).toMatch(bar);
  simulator.faults.add({ on: "downloadSession.delete", kind: "stall" });
  await terminal.press("C-c");
  await expect.poll(() => terminal.screen(), patience).toMatch(/tidying up/u);
  await terminal.press("C-c");
  const pictures = await watch(terminal);
  expect(pictures.at(-1)).toMatch(/^exit 130$/mu);
  simulator.expireDownloadSessions();
  simulator.expireApiSessions();
});
