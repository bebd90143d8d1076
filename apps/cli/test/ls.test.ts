import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { JournalEntry } from "@carrel/simulator";
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

test("lists libraries, items and files", async ({ simulate }) => {
  const { simulator, run } = await simulate({ libraries, report: { itemChecksum: true } });
  const all = await run(["ls"]);
  expect(all).toMatchObject({ exitCode: 0, stderr: "" });
  expect(all.stdout).toMatch(/^TYPE +ITEMS +SIZE {2}NAME$/mu);
  expect(all.stdout).toMatch(/^local +2 +4\.8 MiB {2}Images$/mu);
  expect(all.stdout).toMatch(/^local +0 +0 B {2}Templates$/mu);

  const long = await run(["ls", "-l"]);
  expect(long.stdout).toContain(simulator.inventory.library("Images").id);

  const items = await run(["ls", "Images"]);
  expect(items.stdout).toMatch(/^ovf +4\.8 MiB +1 {2}yes {5}ubuntu$/mu);
  expect(items.stdout).toContain(String.raw`evil\u{1b}[2J\u{a}name`);
  expect(items.stdout).not.toContain("\u001B");

  const files = await run(["ls", "Images/ubuntu"]);
  expect(files.stdout).toMatch(/4\.8 MiB +1 {2}yes {5}SHA256 +disk\.vmdk$/mu);
  const digest = await simulator.inventory.item("Images/ubuntu").file("disk.vmdk").sha256();
  expect((await run(["ls", "-l", "Images/ubuntu"])).stdout).toContain(digest);
});

test("--json gives the server's own models, one a line", async ({ simulate }) => {
  const { simulator, run } = await simulate({ libraries });
  const { stdout } = await run(["ls", "Images", "--json"]);
  const items = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { id: string; name: string });
  expect(items.map(({ id, name }) => ({ id, name }))).toEqual(
    simulator.inventory.library("Images").items.map(({ id, name }) => ({ id, name })),
  );
});

test("says so where there is nothing, and where the name is wrong", async ({ simulate }) => {
  const { run } = await simulate({ libraries });
  expect(await run(["ls", "templates"])).toMatchObject({
    exitCode: 0,
    stdout: "",
    stderr: "The library has no items.\n",
  });
  expect(await run(["ls", "Image"])).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining("Images") as string,
  });
  expect(await run(["ls", "Images/ub*"])).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining('only in ITEM and FILE of "carrel get"') as string,
  });
  expect(await run(["ls", "Images/ubuntu/disk.vmdk"])).toMatchObject({ exitCode: 2 });
});

test("2,000 items: lines are written as they are known, with no more calls than needed", async ({ simulate }) => {
  const items = Array.from({ length: 2000 }, (_, index) => ({ name: `item-${index}`, type: "iso" }));
  const { simulator, env } = await simulate({ libraries: [{ name: "Many", items }] });
  const child = spawn(process.execPath, [main, "ls", "Many"], { env });
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
  const { exitCode, stdout, stderr } = await run(["ls", "--json"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const entries = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { name: string; itemCount: number; sizeBytes: number });
  expect(entries).toHaveLength(7);
  expect(entries[0]).toMatchObject({ name: "library-0", itemCount: 60, sizeBytes: 60 * 1024 });
  expect(entries.map(({ name }) => name)).not.toContain(gone?.name);
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
  const child = spawn(process.execPath, [main, "ls", "Many"], { env });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  await once(child.stdout, "data");
  child.stdout.destroy();
  expect(await once(child, "close")).toEqual([141, null]);
  expect(stderr).toBe("");
});
