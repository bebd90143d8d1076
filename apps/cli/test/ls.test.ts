import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { JournalEntry, LibrarySeed } from "@carrel/simulator";
import { expect } from "vitest";
import { test } from "./support/fixture.ts";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const libraries = [
  {
    name: "Images",
    items: [
      { name: "ubuntu", type: "ovf", files: [{ name: "disk.vmdk", sizeBytes: 5_000_000 }] },
      { name: "evil\u001B[2J\nname", type: "iso", files: [{ name: "a.iso", text: "x" }] },
    ],
  },
  { name: "Templates" },
];

test("carrel ls lists libraries, items and files", async ({ simulate }) => {
  const { simulator, run } = await simulate({ libraries, report: { itemChecksum: true } });
  const all = await run(["ls"]);
  expect(all).toMatchObject({ exitCode: 0, stderr: "" });
  expect(all.stdout).toBe("TYPE   ITEMS  NAME\nlocal      2  Images\nlocal      0  Templates\n");

  const long = await run(["ls", "-l"]);
  expect(long.stdout).toMatch(/^ID +TYPE +ITEMS +SIZE {2}CHANGED +NAME$/mu);
  expect(long.stdout).toMatch(/ local +2 +4\.8 MiB .*Images$/mu);
  expect(long.stdout).toMatch(/ local +0 +0 B .*Templates$/mu);
  expect(long.stdout).toContain(simulator.inventory.library("Images").id);

  const items = await run(["ls", "Images"]);
  expect(items.stdout).toMatch(/^ovf +4\.8 MiB +1 {2}yes {5}ubuntu$/mu);
  expect(items.stdout).toContain(String.raw`evil\u{1b}[2J\u{a}name`);
  expect(items.stdout).not.toContain("\u001B");

  const files = await run(["ls", "/Images/ubuntu"]);
  expect(files.stdout).toMatch(/^ *4\.8 MiB +1 {2}yes {5}disk\.vmdk$/mu);
  const digest = await simulator.inventory.item("Images/ubuntu").file("disk.vmdk").sha256();
  expect((await run(["ls", "-l", "Images/ubuntu"])).stdout).toContain(digest);
});

const some: readonly LibrarySeed[] = [
  {
    name: "Images",
    items: [
      { name: "disk-10", type: "iso", files: [{ name: "a.iso", sizeBytes: 1_000 }] },
      {
        name: "disk-2",
        type: "ovf",
        files: [
          { name: "b.ovf", text: "x" },
          { name: "b.vmdk", sizeBytes: 3_000 },
        ],
      },
      {
        name: 'odd/"name, here"',
        type: "iso",
        description: "two\nlines",
        files: [{ name: "c.iso", sizeBytes: 2_000 }],
      },
    ],
  },
  { name: "Imports", items: [{ name: "disk-2", type: "iso", files: [{ name: "d.iso", sizeBytes: 10 }] }] },
  { name: "Empty" },
];
const lines = (text: string): readonly string[] => text.split("\n").filter((line) => line !== "");

test("carrel ls takes globs of libraries, items and files, and several paths", async ({ simulate }) => {
  const { run } = await simulate({ libraries: some });
  const pathsOf = async (...paths: readonly string[]): Promise<readonly string[]> => {
    const { exitCode, stdout, stderr } = await run(["ls", "-o", "name", ...paths]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    return lines(stdout);
  };
  expect(await pathsOf("Im*")).toEqual(["Images", "Imports"]);
  expect(await pathsOf("/Images/disk-*")).toEqual(["Images/disk-2", "Images/disk-10"]);
  expect(await pathsOf("Im*/disk-2")).toEqual(["Images/disk-2/b.ovf", "Images/disk-2/b.vmdk", "Imports/disk-2/d.iso"]);
  expect(await pathsOf("Images/*/*.iso", "Imports", "Images/disk-10/a.iso")).toEqual([
    "Images/disk-10/a.iso",
    String.raw`Images/odd\/"name, here"/c.iso`,
    "Imports/disk-2",
  ]);
  expect(await pathsOf("-r", "Imports")).toEqual(["Imports/disk-2", "Imports/disk-2/d.iso"]);
  expect(await pathsOf("-r", "--type", "OVF")).toEqual([
    "Images/disk-2",
    "Images/disk-2/b.ovf",
    "Images/disk-2/b.vmdk",
  ]);
});

test("carrel get takes a glob of libraries", async ({ simulate }) => {
  const { run } = await simulate({ libraries: some });
  const planned = async (...args: readonly string[]): Promise<readonly string[]> => {
    const { exitCode, stdout } = await run(["get", "--dry-run", "--json", ...args]);
    expect(exitCode).toBe(0);
    return lines(stdout).map((line) => (JSON.parse(line) as { file: string }).file);
  };
  expect(await planned("Im*/disk-10")).toEqual(["a.iso"]);
  expect(await planned("/I*/disk*/[ac].iso")).toEqual(["a.iso"]);
  expect(await run(["get", "Im*/xyz"])).toMatchObject({
    exitCode: 4,
    stderr: 'carrel: No item of library "Im*" matches "xyz"\n  List what exists: carrel ls\n',
  });
});

test("carrel ls sorts, and shows the columns that are chosen", async ({ simulate }) => {
  const { run } = await simulate({ libraries: some });
  const names = async (...args: readonly string[]): Promise<readonly string[]> =>
    lines((await run(["ls", "Images", "--columns", "name", "--no-header", ...args])).stdout);
  const odd = 'odd/"name, here"';
  expect(await names()).toEqual(["disk-2", "disk-10", odd]);
  expect(await names("--reverse")).toEqual([odd, "disk-10", "disk-2"]);
  expect(await names("--sort", "size")).toEqual(["disk-2", odd, "disk-10"]);
  expect(await names("--sort", "type")).toEqual(["disk-10", odd, "disk-2"]);
  expect(await names("--sort", "none")).toEqual(["disk-10", "disk-2", odd]);
  expect(await names("--type", "ovf")).toEqual(["disk-2"]);
  expect(await run(["ls", "--columns", "name,siez"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('No column "siez"\n  Did you mean "size"?') as string,
  });
  expect(await run(["ls", "Images/disk-2", "--type", "iso"])).toMatchObject({ exitCode: 2 });
  expect(await run(["ls", "--json", "-o", "csv"])).toMatchObject({ exitCode: 2 });
});

test("carrel ls writes CSV, YAML, JSON, and names for xargs -0", async ({ simulate }) => {
  const { simulator, run } = await simulate({ libraries: some });
  const out = async (...args: readonly string[]): Promise<string> => (await run(["ls", ...args])).stdout;
  expect(await out("Images", "-o", "csv", "--columns", "name,size,description")).toBe(
    'name,size,description\ndisk-2,3001,\ndisk-10,1000,\n"odd/""name, here""",2000,two lines\n',
  );
  expect(await out("Im*", "-o", "yaml", "--columns", "name,items")).toBe(
    '- type: "library"\n  library: "Images"\n  path: "Images"\n  itemCount: 3\n' +
      '- type: "library"\n  library: "Imports"\n  path: "Imports"\n  itemCount: 1\n',
  );
  expect(await out("Images/disk-*", "-0")).toBe("Images/disk-2\0Images/disk-10\0");
  const [item] = lines(await out("Imports", "--json")).map((line) => JSON.parse(line) as object);
  expect(item).toMatchObject({
    type: "item",
    item: "disk-2",
    itemId: simulator.inventory.item("Imports/disk-2").id,
    itemType: "iso",
    library: "Imports",
    libraryId: simulator.inventory.library("Imports").id,
    path: "Imports/disk-2",
    cached: true,
    sizeBytes: 10,
  });
});

test("carrel du adds up what libraries and items use", async ({ simulate }) => {
  const { run } = await simulate({
    libraries: [...some, { name: "Branch", type: "SUBSCRIBED", onDemand: true, items: some[1]?.items ?? [] }],
  });
  const du = async (...args: readonly string[]): Promise<readonly string[]> =>
    lines((await run(["du", "-o", "csv", "--no-header", ...args])).stdout);
  expect(await du("--sort", "size")).toEqual(["6001,Images", "10,Imports", "0,Empty", ",Branch"]);
  expect(await du("Images/disk-*")).toEqual(["3001,Images/disk-2", "1000,Images/disk-10"]);
  expect((await run(["du", "Images"])).stdout).toMatch(/^ +SIZE {2}PATH\n5\.9 KiB {2}Images\n$/u);
});

test("carrel ls says so where there is nothing, and where a name is wrong", async ({ simulate }) => {
  const { run } = await simulate({ libraries });
  expect(await run(["ls", "templates"])).toMatchObject({
    exitCode: 0,
    stdout: "",
    stderr: "The library has no items.\n",
  });
  for (const [path, told] of [
    ["Image", 'No library "Image"'],
    ["Ix*", 'No library matches "Ix*"'],
    ["Images/xy*", 'No item of library "Images" matches "xy*"'],
    ["Images/ubuntu/*.ovf", 'No file of "ubuntu" in library "Images" matches "*.ovf"'],
  ] as const) {
    const { exitCode, stderr } = await run(["ls", path]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: expect.stringContaining(told) as string });
  }
  expect(await run(["ls", "Images//disk.vmdk"])).toMatchObject({ exitCode: 2 });
  expect(await run(["get", "Images"])).toMatchObject({
    exitCode: 2,
    stderr:
      'carrel: "Images" is a library with 2 items, not an item\n' +
      "  All of it: carrel get 'Images/*'\n" +
      "  To keep a directory up to date with it: carrel mirror Images DIR\n",
  });
});

test("carrel ls asks twice a library and never for an item, whatever is in it", async ({ simulate }) => {
  const four = Array.from({ length: 4 }, (_, library) => ({
    name: `library-${library}`,
    items: Array.from({ length: 75 }, (__, index) => ({ name: `item-${index}` })),
  }));
  const { simulator, run } = await simulate({ libraries: four });
  expect(await run(["ls", "--wire", "api"])).toMatchObject({ exitCode: 0 });
  const asked = simulator.journal.map(({ operation = "" }) => operation).filter((name) => !name.startsWith("session."));
  expect(asked.length).toBeLessThanOrEqual(10);
  expect(asked.toSorted()).toEqual([
    ...Array.from({ length: 4 }, () => "item.list"),
    ...Array.from({ length: 4 }, () => "library.get"),
    "library.list",
  ]);
  const before = simulator.journal.length;
  await run(["ls", "--wire", "api", "--columns", "type,name"]);
  expect(simulator.journal.slice(before).filter(({ operation }) => operation === "item.list")).toEqual([]);
});

test("2,000 items: lines are written as they are known, with no more calls than needed", async ({ simulate }) => {
  const items = Array.from({ length: 2000 }, (_, index) => ({ name: `item-${index}`, type: "iso" }));
  const { simulator, env } = await simulate({ libraries: [{ name: "Many", items }] });
  const child = spawn(process.execPath, [main, "ls", "Many", "--sort", "none"], { env });
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  await once(child.stdout, "data");
  const callsBeforeTheFirstLine = simulator.journal.length;
  expect(await once(child, "close")).toEqual([0, null]);
  expect(
    stdout
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(" ").at(-1)),
  ).toEqual(items.map(({ name }) => name));
  expect(callsBeforeTheFirstLine).toBeLessThan(1000);
  const operations = new Map<string, number>();
  for (const { operation = "probe" } of simulator.journal)
    operations.set(operation, (operations.get(operation) ?? 0) + 1);
  expect(Object.fromEntries(operations)).toMatchObject({ "library.find": 1, "item.list": 1, "item.get": 2000 });
  expect(simulator.journal.length).toBeLessThanOrEqual(2000 + 6);
});

test("libraries are added up with few calls in flight, and one that goes meanwhile is left out", async ({
  simulate,
}) => {
  const many = Array.from({ length: 8 }, (_, library) => ({
    name: `library-${library}`,
    items: Array.from({ length: 60 }, (__, index) => ({
      name: `item-${index}`,
      files: [{ name: "a.iso", sizeBytes: 1024 }],
    })),
  }));
  const { simulator, run } = await simulate({ libraries: many });
  const [, gone] = simulator.inventory.libraries;
  simulator.faults.add({ on: "*", kind: "delay", delayMs: 5, times: "always" });
  simulator.faults.add({ on: "library.get", kind: "status", status: 404, use: 2 });
  const { exitCode, stdout, stderr } = await run(["ls", "-l", "--json"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const entries = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { library: string; itemCount: number; sizeBytes: number });
  expect(entries).toHaveLength(7);
  expect(entries[0]).toMatchObject({ library: "library-0", itemCount: 60, sizeBytes: 60 * 1024 });
  expect(entries.map(({ library }) => library)).not.toContain(gone?.name);
  expect(mostAtOnce(simulator.journal)).toBeLessThanOrEqual(24);
});

function mostAtOnce(journal: readonly JournalEntry[]): number {
  const changes = journal.flatMap(({ startedAtMs, durationMs = 0 }) => [
    { at: startedAtMs, by: 1 },
    { at: startedAtMs + durationMs, by: -1 },
  ]);
  let [now, most] = [0, 0];
  for (const { by } of changes.toSorted((a, b) => a.at - b.at || a.by - b.by)) most = Math.max(most, (now += by));
  return most;
}

test("a reader that has enough ends it quietly", async ({ simulate }) => {
  const items = Array.from({ length: 500 }, (_, index) => ({ name: `item-${index}` }));
  const { env } = await simulate({ libraries: [{ name: "Many", items }] });
  const child = spawn(process.execPath, [main, "ls", "Many", "--sort", "none"], { env });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  await once(child.stdout, "data");
  child.stdout.destroy();
  expect(await once(child, "close")).toEqual([141, null]);
  expect(stderr).toBe("");
});
