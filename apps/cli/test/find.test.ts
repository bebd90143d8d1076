import fc from "fast-check";
import type { JournalEntry, LibrarySeed } from "@carrel/simulator";
import { expect, test as pure } from "vitest";
import { parsePattern, pathOf } from "../src/names/parse-target.ts";
import { test } from "./support/fixture.ts";

const iso = (name: string): NonNullable<LibrarySeed["items"]>[number] => ({
  name,
  type: "iso",
  files: [{ name: `${name}.iso`, sizeBytes: 5_000 }],
});
const libraries: readonly LibrarySeed[] = [
  { name: "Images", items: [iso("ubuntu-22.04"), iso("Ubuntu-24.04"), iso("debian-13"), iso("odd/name\u001B[2J")] },
  {
    name: "Temp/lates",
    items: [
      {
        name: "ubuntu-appliance",
        type: "ovf",
        files: [
          { name: "ubuntu.ovf", text: "x" },
          { name: "disk-0.vmdk", sizeBytes: 5_000 },
        ],
      },
    ],
  },
  { name: "Branch", type: "SUBSCRIBED", onDemand: true, items: [iso("ubuntu-22.04")] },
  { name: "Empty" },
];

function countsIn(journal: readonly JournalEntry[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { operation } of journal) if (operation !== undefined) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}

const pathsIn = (stdout: string): readonly (string | undefined)[] =>
  stdout
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(/ {2,}/u).at(-1));

test("carrel find finds items by a part of their name or a glob, in any case, in all libraries", async ({
  simulate,
}) => {
  const { run } = await simulate({ libraries });
  const part = await run(["find", "UBUNTU"]);
  expect(part).toMatchObject({ exitCode: 0, stderr: "" });
  expect(part.stdout).toMatch(/^TYPE +SIZE {2}CACHED {2}PATH$/mu);
  expect(part.stdout).toMatch(/^iso +4\.9 KiB {2}yes {5}Images\/ubuntu-22\.04$/mu);
  expect(part.stdout).toMatch(/^iso +- {2}no {6}Branch\/ubuntu-22\.04$/mu);
  expect(pathsIn(part.stdout)).toEqual([
    "Images/ubuntu-22.04",
    "Images/Ubuntu-24.04",
    String.raw`Temp\/lates/ubuntu-appliance`,
    "Branch/ubuntu-22.04",
  ]);
  expect(pathsIn((await run(["find", "ubuntu-2?.04"])).stdout)).toHaveLength(3);
  expect(pathsIn((await run(["find", "ubuntu-2?"])).stdout)).toEqual([]);
  const odd = (await run(["find", "odd"])).stdout;
  expect(odd).toContain(String.raw`Images/odd\/name\u{1b}[2J`);
  expect(odd).not.toContain("\u001B");
});

test("carrel find prints what the other commands take", async ({ simulate }) => {
  const { run } = await simulate({ libraries });
  for (const line of (await run(["find", "*", "--json"])).stdout.trim().split("\n")) {
    const { path, itemId } = JSON.parse(line) as { path: string; itemId: string };
    const { stdout } = await run(["info", path, "--json", "--no-descriptor"]);
    expect(JSON.parse(stdout)).toMatchObject({ itemId });
  }
});

test("carrel find --files finds files, too", async ({ simulate }) => {
  const { simulator, run } = await simulate({ libraries });
  const { stdout } = await run(["find", "*.vmdk", "--files", "--json"]);
  expect(JSON.parse(stdout)).toEqual({
    type: "file",
    file: "disk-0.vmdk",
    item: "ubuntu-appliance",
    itemId: simulator.inventory.library("Temp/lates").items[0]?.id,
    itemType: "ovf",
    library: "Temp/lates",
    libraryId: simulator.inventory.library("Temp/lates").id,
    path: String.raw`Temp\/lates/ubuntu-appliance/disk-0.vmdk`,
    version: 1,
    cached: true,
    sizeBytes: 5_000,
  });
  expect(pathsIn((await run(["find", "ubuntu", "--files", "--library", "temp/lates"])).stdout)).toEqual([
    String.raw`Temp\/lates/ubuntu-appliance`,
    String.raw`Temp\/lates/ubuntu-appliance/ubuntu.ovf`,
  ]);
});

test("carrel find --library takes a glob", async ({ simulate }) => {
  const { run } = await simulate({ libraries });
  const found = await run(["find", "ubuntu", "--library", "[IB]*"]);
  expect(pathsIn(found.stdout)).toEqual(["Images/ubuntu-22.04", "Images/Ubuntu-24.04", "Branch/ubuntu-22.04"]);
  expect(await run(["find", "ubuntu", "--library", "x*"])).toMatchObject({ exitCode: 4 });
});

test("carrel find asks once a library, and less where the server finds it", async ({ simulate }) => {
  const { simulator, run } = await simulate({ libraries });
  const costOf = async (...args: readonly string[]): Promise<Readonly<Record<string, number>>> => {
    const before = countsIn(simulator.journal);
    expect(await run(["find", "--wire", "api", ...args])).toMatchObject({ exitCode: 0 });
    const after = Object.entries(countsIn(simulator.journal)).map(([name, count]) => [
      name,
      count - (before[name] ?? 0),
    ]);
    return Object.fromEntries(after.filter(([name, count]) => !String(name).startsWith("session.") && count !== 0));
  };
  expect(await costOf("debian")).toEqual({ "library.list": 1, "item.list": 4, "item.get": 6, "library.get": 1 });
  expect(await costOf("ubuntu", "--type", "OVF")).toEqual({ "item.find": 1, "item.get": 1, "library.get": 1 });
  expect(await costOf("ubuntu-22.04", "--exact")).toEqual({ "item.find": 1, "item.get": 2, "library.get": 2 });
  expect(await costOf("ubuntu", "--library", "Images")).toEqual({
    "library.find": 1,
    "item.list": 1,
    "item.get": 4,
    "library.get": 1,
  });
  const { id } = simulator.inventory.item("Images/debian-13");
  expect(await costOf(id)).toEqual({ "item.get": 1, "library.get": 1 });
  expect((await run(["find", id, "-l"])).stdout).toMatch(new RegExp(`^${id}  iso .* Images/debian-13$`, "mu"));
});

test("carrel find ends with 4 where nothing matches, or a library does not exist", async ({ simulate }) => {
  const { run } = await simulate({ libraries });
  expect(await run(["find", "fedora"])).toMatchObject({
    exitCode: 4,
    stdout: "",
    stderr: 'carrel: No item matches "fedora"\n  List what exists: carrel ls\n',
  });
  const json = await run(["find", "fedora", "--files", "--type", "ovf", "--library", "Images", "--json"]);
  expect(json.exitCode).toBe(4);
  expect(JSON.parse(json.stdout)).toMatchObject({
    type: "error",
    error: { message: 'No item of type "ovf", and no file, matches "fedora" in library "Images"' },
  });
  expect(await run(["find", "x", "--library", "Image"])).toMatchObject({ exitCode: 4 });
  expect(await run(["find"])).toMatchObject({ exitCode: 2 });
  expect(await run(["find", ""])).toMatchObject({ exitCode: 2 });
});

test("carrel find leaves out what is gone since it was listed", async ({ simulate }) => {
  const { simulator, run } = await simulate({ libraries });
  simulator.faults.add({ on: "item.get", kind: "status", status: 404, use: 1 });
  simulator.faults.add({ on: "item.list", kind: "status", status: 404, use: 3 });
  expect(pathsIn((await run(["find", "*ubuntu*"])).stdout)).toHaveLength(2);
});

pure("pathOf is split where it was joined", () => {
  const name = fc
    .array(fc.constantFrom("a", "/", "\\", " ", "*", "é"), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(name, name, name, (library, item, file) => {
      expect(parsePattern(pathOf([library, item, file]))).toEqual({ library, item, file });
      expect(parsePattern(pathOf([library, item]))).toEqual({ library, item });
    }),
  );
});
