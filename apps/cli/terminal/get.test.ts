import { readdir } from "node:fs/promises";
import { expect } from "vitest";
import { test } from "../test/support/fixture.ts";
import { bar, expectSteadyBars, leftOn, unwrapped, watch } from "./pictures.ts";
import { openTerminal } from "./terminal.ts";

const MiB = 1_048_576;
const long = "a-disk-with-a-rather-long-name-0.vmdk";
const files = [
  { name: long, sizeBytes: 8 * MiB },
  { name: "disk-1.vmdk", sizeBytes: 4 * MiB },
];
const libraries = [
  {
    name: "Images",
    items: [
      { name: "two disks", files },
      { name: "seed", files: [{ name: "seed.iso", sizeBytes: 2 * MiB }] },
    ],
  },
];
const limit = ["--limit-rate", "6M"];
const downloaded = [
  expect.stringMatching(/^ +4\.0 MiB {2}verified by checksum .* disk-1\.vmdk$/u),
  expect.stringMatching(/^ +8\.0 MiB {2}verified by checksum .* a-disk-with-a-rather-long-name-0\.vmdk$/u),
  expect.stringMatching(/^2 files, 12\.0 MiB in .*, all verified by checksum\.$/u),
  expect.stringMatching(/^Saved to \//u),
];

test.for([
  { columns: 100, rows: 20, env: {} },
  { columns: 60, rows: 20, env: {} },
  { columns: 40, rows: 20, env: {} },
  { columns: 80, rows: 5, env: {} },
  { columns: 100, rows: 20, env: { COLUMNS: "50" } },
])("bars stay in place in $columns columns and $rows rows with $env", async (size, { simulate, folder }) => {
  const { env } = await simulate({ libraries });
  const args = ["get", "Images/two disks", "-o", folder, ...limit];
  await using terminal = await openTerminal(args, { ...env, ...size.env }, size);
  const pictures = await watch(terminal);
  // One for each file that is under way, one for all: a bar that wrapped or was left behind would be one more.
  expectSteadyBars(pictures, { rows: 3, columns: Number(size.env.COLUMNS ?? size.columns) });
  // What is finished stands above the bars of what is not.
  expect(pictures.some((picture) => /disk-1\.vmdk\n1 of 2 files .*\na-disk/u.test(picture))).toBe(true);
  expect(unwrapped(await leftOn(terminal))).toEqual(["above 1", ...downloaded, "exit 0"]);
  expect((await readdir(folder)).toSorted()).toEqual([".carrel.json", long, "disk-1.vmdk"].toSorted());
});

test("several items have their bars together", async ({ simulate, folder }) => {
  const { env } = await simulate({ libraries });
  const args = ["get", "Images/*", "-o", folder, ...limit];
  await using terminal = await openTerminal(args, env, { columns: 80 });
  const pictures = await watch(terminal);
  expectSteadyBars(pictures, { rows: 4, columns: 80 });
  expect(pictures.some((picture) => /^0 of 2 items .*\ntwo.*\ntwo.*\nseed\/seed\.iso /mu.test(picture))).toBe(true);
  expect(pictures.some((picture) => /^1 of 2 items /mu.test(picture))).toBe(true);
  const left = unwrapped(await leftOn(terminal));
  expect(left.join("\n")).not.toMatch(bar);
  expect(left.slice(1, 4).map((line) => line.split("  ").at(-1))).toEqual(
    expect.arrayContaining([`two disks/${long}`, "two disks/disk-1.vmdk", "seed/seed.iso"]),
  );
  expect(left.slice(4)).toEqual([
    expect.stringMatching(/^3 files of 2 items, 14\.0 MiB in .*, all verified by checksum\.$/u),
    expect.stringMatching(/^Saved to .*, in a directory per item$/u),
    "exit 0",
  ]);
});

test("a file on its way to a pipe has a bar", async ({ simulate, folder }) => {
  const { env } = await simulate({ libraries });
  const args = ["get", `Images/two disks/${long}`, "-o", "-", ...limit];
  await using terminal = await openTerminal(args, env, { columns: 80, stdout: `${folder}/out` });
  const pictures = await watch(terminal);
  expectSteadyBars(pictures, { rows: 1, columns: 80 });
  expect(await leftOn(terminal)).toEqual(["above 1", `${long}: 8.0 MiB, verified by checksum`, "exit 0"]);
});

test("what a reader of standard output writes stands alone, although a bar is shown", async ({ simulate }) => {
  const { env, simulator } = await simulate({ libraries });
  const args = ["get", "Images/two disks/disk-1.vmdk", "-o", "-", ...limit];
  await using terminal = await openTerminal(args, env, { columns: 80, reader: "head -c 1000000 | wc -c" });
  await watch(terminal);
  expect(await leftOn(terminal)).toEqual(["above 1", "1000000", "exit 0"]);
  expect(simulator.openSessions).toEqual([]);
});

test("a dry run lists more than ten files below their directories", async ({ simulate, folder }) => {
  const names = Array.from({ length: 11 }, (_, index) => `disk-${index}.vmdk`);
  const several = names.map((name) => ({ name, sizeBytes: 1024 }));
  const { env } = await simulate({ libraries: [{ name: "Images", items: [{ name: "disks", files: several }] }] });
  await using terminal = await openTerminal(["get", "Images/disks", "-o", folder, "--dry-run"], env, { columns: 80 });
  await watch(terminal);
  const [, directory, ...lines] = await leftOn(terminal);
  expect(directory).toBe(`${folder}:`);
  expect(lines.slice(0, 11).map((line) => line.trim())).toEqual(names.map((name) => `1.0 KiB  ${name}`));
});
