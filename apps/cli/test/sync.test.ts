import type { JournalEntry, LibrarySeed } from "@carrel/simulator";
import { expect } from "vitest";
import { until } from "@carrel/test-kit";
import { test } from "./support/fixture.ts";

const iso = (name: string): NonNullable<LibrarySeed["items"]>[number] => ({
  name,
  type: "iso",
  files: [{ name: `${name}.iso`, sizeBytes: 5_000 }],
});
const libraries: readonly LibrarySeed[] = [
  { name: "Images", items: [iso("local")] },
  {
    name: "Branch",
    type: "SUBSCRIBED",
    onDemand: true,
    items: [iso("ubuntu-22"), iso("ubuntu-24"), { ...iso("debian"), cached: true }, iso("evil\u001B[2J\nname")],
  },
  { name: "Copy", type: "SUBSCRIBED", items: [{ ...iso("a"), cached: false }] },
];

const calls = (journal: readonly JournalEntry[], name: string): readonly JournalEntry[] =>
  journal.filter(({ operation }) => operation === name);

test("carrel sync LIBRARY/ITEM has the content fetched, waits for it, and then it can be downloaded", async ({
  simulate,
  folder,
}) => {
  const { simulator, run } = await simulate({ libraries, prepare: { syncMs: 300 } });
  const get = ["get", "Branch/ubuntu-22", "-o", folder];
  expect(await run(get)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("To have it fetched: --sync, or carrel sync LIBRARY/ITEM") as string,
  });
  expect(await run(["sync", "branch/UBUNTU-22"])).toEqual({
    exitCode: 0,
    stdout: "synchronized: ubuntu-22\n",
    stderr: "",
  });
  expect(simulator.inventory.item("Branch/ubuntu-22").cached).toBe(true);
  const [call] = calls(simulator.journal, "subscribedItem.sync");
  expect(JSON.parse(call?.requestBody ?? "")).toEqual({ force_sync_content: true });
  expect(await run(get)).toMatchObject({ exitCode: 0 });
});

test("carrel mirror advises to synchronize once for all items, and promises nothing of the same command", async ({
  simulate,
  folder,
}) => {
  const { run } = await simulate({ libraries });
  for (const args of [
    ["mirror", "Branch", folder],
    ["get", "Branch/ubuntu-2*", "-o", folder],
  ]) {
    const { exitCode, stderr } = await run(args);
    expect(exitCode).toBe(1);
    expect(stderr.match(/was not prepared/gu)?.length).toBeGreaterThan(1);
    expect(stderr.match(/To have it fetched/gu)).toHaveLength(1);
    expect(stderr).not.toContain("The same command fetches");
  }
});

test("carrel sync LIBRARY/GLOB fetches what is not cached, and tells what is", async ({ simulate }) => {
  const { simulator, run } = await simulate({ libraries });
  const { exitCode, stdout, stderr } = await run(["sync", "Branch/*"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout.trim().split("\n").toSorted()).toEqual(
    [
      "already cached: debian",
      "synchronized: ubuntu-22",
      "synchronized: ubuntu-24",
      String.raw`synchronized: evil\u{1b}[2J\u{a}name`,
    ].toSorted(),
  );
  expect(calls(simulator.journal, "subscribedItem.sync")).toHaveLength(3);
  const { id } = simulator.inventory.item("Branch/debian");
  const again = await run(["sync", "Branch/debian", "--json"]);
  expect(JSON.parse(again.stdout)).toEqual({
    type: "skipped",
    item: "debian",
    itemId: id,
    library: "Branch",
    libraryId: simulator.inventory.library("Branch").id,
    cached: true,
  });
  expect(await run(["sync", "Branch/x*"])).toMatchObject({ exitCode: 4 });
  expect(await run(["sync", "Branch/ubuntu-23"])).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining('"ubuntu-22"') as string,
  });
});

test("carrel sync takes several paths", async ({ simulate }) => {
  const { simulator, run } = await simulate({ libraries });
  expect(await run(["sync", "/Branch/ubuntu-22", "Copy/a"])).toEqual({
    exitCode: 0,
    stdout: "synchronized: ubuntu-22\nsynchronized: a\n",
    stderr: "",
  });
  expect(calls(simulator.journal, "session.create").length).toBeLessThanOrEqual(1);
});

test("carrel sync takes globs of libraries, and leaves out those that are not subscribed", async ({ simulate }) => {
  const { run } = await simulate({ libraries });
  const items = await run(["sync", "*/[au]*"]);
  expect({ ...items, stdout: items.stdout.trim().split("\n").toSorted() }).toEqual({
    exitCode: 0,
    stdout: ["synchronized: a", "synchronized: ubuntu-22", "synchronized: ubuntu-24"],
    stderr: "",
  });
  expect((await run(["sync", "*"])).stdout).toBe("synchronized: Branch\nsynchronized: Copy\n");
  expect(await run(["sync", "Im*"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('"Images" is not a subscribed library') as string,
  });
  expect(await run(["sync", "*/xyz"])).toMatchObject({
    exitCode: 4,
    stderr: 'carrel: No item of library "*" matches "xyz"\n  List what exists: carrel ls\n',
  });
});

test("carrel sync LIBRARY waits until the library was synchronized, and says what to do about content on demand", async ({
  simulate,
}) => {
  const { simulator, run } = await simulate({ libraries, prepare: { syncMs: 300 } });
  expect(await run(["sync", "Copy"])).toEqual({ exitCode: 0, stdout: "synchronized: Copy\n", stderr: "" });
  expect(simulator.inventory.item("Copy/a").cached).toBe(true);
  expect(await run(["sync", "Branch"])).toEqual({
    exitCode: 0,
    stdout: "synchronized: Branch\n",
    stderr: 'The library is on-demand: content was not fetched. To fetch it: carrel sync "Branch/*"\n',
  });
  expect(simulator.inventory.item("Branch/ubuntu-22").cached).toBe(false);
  const { stdout, stderr } = await run(["sync", "Branch", "--json"]);
  const libraryId = simulator.inventory.library("Branch").id;
  expect(JSON.parse(stdout)).toEqual({ type: "synchronized", library: "Branch", libraryId });
  expect(stderr).toBe("");
});

test("carrel sync refuses a library that is not subscribed, before anything is asked of it", async ({ simulate }) => {
  const { simulator, run } = await simulate({ libraries });
  for (const path of ["Images", "Images/local"]) {
    expect(await run(["sync", path])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('"Images" is not a subscribed library') as string,
    });
  }
  expect(calls(simulator.journal, "subscribedLibrary.sync")).toEqual([]);
  expect(await run(["sync", "Branch/debian/file"])).toMatchObject({ exitCode: 2 });
  expect(await run(["sync", "Branch", "--timeout", "soon"])).toMatchObject({ exitCode: 2 });
});

test("carrel sync --no-wait returns at once, and --timeout gives up while the vCenter continues", async ({
  simulate,
}) => {
  const { simulator, run } = await simulate({ libraries, prepare: { syncMs: 600_000 } });
  expect(await run(["sync", "Branch/ubuntu-22", "--no-wait"])).toEqual({
    exitCode: 0,
    stdout: "requested: ubuntu-22\n",
    stderr: "",
  });
  expect(await run(["sync", "Copy", "--no-wait", "--json"])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('"type":"requested"') as string,
  });
  expect(await run(["sync", "Branch/ubuntu-24", "--timeout", "0.3"])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining(
      'carrel: "ubuntu-24": The content is not at the vCenter: it was not fetched from the publisher within 0.3 s\n',
    ) as string,
  });
  expect(await run(["sync", "Copy", "--timeout", "0.3"])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('"Copy" is not synchronized after 0.3 s') as string,
  });
  expect(simulator.inventory.item("Branch/ubuntu-24").cached).toBe(false);
});

test("carrel sync names the privilege that it lacks, and an item that its publisher deleted", async ({ simulate }) => {
  const { simulator, run } = await simulate({ libraries, prepare: { syncMs: 600_000 } });
  simulator.faults.add({ on: "subscribedItem.sync", kind: "status", status: 403 });
  expect(await run(["sync", "Branch/ubuntu-22"])).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining("ContentLibrary.SyncLibraryItem") as string,
  });
  simulator.faults.add({ on: "subscribedLibrary.sync", kind: "status", status: 403 });
  expect(await run(["sync", "Branch"])).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining("(ContentLibrary.SyncLibrary)") as string,
  });
  const running = run(["sync", "Branch/ubuntu-*"]);
  await until(() => calls(simulator.journal, "subscribedItem.sync").length === 3);
  simulator.inventory.item("Branch/ubuntu-22").remove();
  simulator.inventory.item("Branch/ubuntu-24").setCached(true);
  expect(await running).toMatchObject({
    exitCode: 4,
    stdout: "synchronized: ubuntu-24\n",
    stderr: 'carrel: "ubuntu-22": The item was deleted meanwhile: the publisher may have removed it\n',
  });
});

test("carrel get --sync has content fetched that is not cached, of several items and to standard output", async ({
  simulate,
  folder,
}) => {
  const { simulator, run } = await simulate({ libraries, prepare: { syncMs: 300 } });
  const got = await run(["get", "Branch/ubuntu-*", "Branch/debian", "-o", folder, "--sync"]);
  expect(got.exitCode).toBe(0);
  expect(got.stderr.trim().split("\n").toSorted()).toEqual([
    '"ubuntu-22" is not cached: waiting for the vCenter to fetch it',
    '"ubuntu-24" is not cached: waiting for the vCenter to fetch it',
  ]);
  expect(calls(simulator.journal, "subscribedItem.sync")).toHaveLength(2);
  simulator.inventory.item("Branch/ubuntu-22").setCached(false);
  const piped = await run(["get", "Branch/ubuntu-22/ubuntu-22.iso", "-o", "-", "--sync"]);
  expect(piped.exitCode).toBe(0);
  expect(piped.stdout).not.toBe("");
  simulator.inventory.item("Branch/ubuntu-22").setCached(false);
  const events = await run(["get", "Branch/ubuntu-22", "-o", folder, "--sync", "--json"]);
  expect(events.stdout).toMatch(/^\{"type":"synchronizing",.*"item":"ubuntu-22"/mu);
});

test("carrel get --sync-timeout gives up, and one item that is not there in time does not stop the others", async ({
  simulate,
  folder,
}) => {
  const { run } = await simulate({ libraries, prepare: { syncMs: 600_000 } });
  const late = await run(["get", "Branch/ubuntu-22", "Branch/debian", "-o", folder, "--sync-timeout", "0.3"]);
  expect(late.exitCode).toBe(1);
  expect(late.stderr).toContain('carrel: "ubuntu-22": The content is not at the vCenter: it was not fetched');
  expect(late.stderr).toContain("--sync-timeout SECONDS");
  expect(late.stdout).toContain("debian.iso");
  expect(await run(["get", "Branch/debian", "--sync-timeout", "never"])).toMatchObject({ exitCode: 2 });
});

test("carrel mirror --dry-run says what is not cached, rather than that it has no bytes", async ({
  simulate,
  folder,
}) => {
  const { run } = await simulate({ libraries });
  const { stdout } = await run(["mirror", "Branch", folder, "--dry-run"]);
  expect(stdout).toMatch(/^new +not cached {2}ubuntu-22$/mu);
  expect(stdout).toMatch(/^new +4\.9 KiB {2}debian$/mu);
  const json = await run(["mirror", "Branch", folder, "--dry-run", "--json"]);
  const lines = json.stdout.split("\n").filter((line) => line.includes('"ubuntu-22"'));
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ type: "planned", cached: false }]);
  expect(lines[0]).not.toContain("sizeBytes");
});

test("carrel mirror --sync mirrors an on-demand library", async ({ simulate, folder }) => {
  const items = ["ubuntu-22", "ubuntu-24"].map(iso);
  const branch: LibrarySeed = { name: "Branch", type: "SUBSCRIBED", onDemand: true, items };
  const { simulator, run } = await simulate({ libraries: [branch], prepare: { syncMs: 300 } });
  expect(await run(["mirror", "Branch", folder])).toMatchObject({ exitCode: 1 });
  const { exitCode, stdout, stderr } = await run(["mirror", "Branch", folder, "--sync"]);
  expect({ exitCode, all: stdout.includes("2 of 2 items in place") }).toEqual({ exitCode: 0, all: true });
  expect(stderr).toContain('"ubuntu-22" is not cached: waiting for the vCenter to fetch it\n');
  expect(simulator.inventory.library("Branch").items.every(({ cached }) => cached)).toBe(true);
  expect(await run(["mirror", "Branch", folder, "--sync", "--quiet"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
});
