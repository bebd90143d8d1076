import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CarrelError } from "@carrel/core";
import type { Simulator } from "@carrel/simulator";
import { until } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { MirrorError, mirrorLibrary } from "../src/index.ts";
import type { MirrorEvent, MirrorReport } from "../src/index.ts";
import { expectMirrored, filesIn, imageOf, test } from "./support/fixture.ts";

const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.vmdk", "b.vmdk")] }];

/** Files below a directory that this process has open, where the system says so. */
async function openFilesIn(directory: string): Promise<readonly string[]> {
  if (process.platform !== "linux") return [];
  const fds = await readdir("/proc/self/fd");
  const paths = await Promise.all(fds.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")));
  return paths.filter((path) => path.startsWith(directory));
}

/** Events other than progress and downloads. */
function milestones(events: readonly MirrorEvent[]): readonly string[] {
  return events
    .filter(({ type }) => !["reading", "verifying", "download"].includes(type))
    .map((event) => ("item" in event ? `${event.type} ${event.item}` : event.type));
}

describe("mirrorLibrary", () => {
  test("emits what happens, and reports the outcome", async ({ simulate, directory }) => {
    const { simulator, libraryId, watch, mirror } = await simulate({ libraries });
    const { events, error } = await watch({ concurrency: 1 });
    expect(error).toBeUndefined();
    expect(milestones(events)).toEqual([
      "plan",
      "started debian",
      "mirrored debian",
      "started ubuntu",
      "mirrored ubuntu",
      "done",
    ]);
    expect(events).toContainEqual({ type: "reading", items: 2, totalItems: 2 });
    expect(events.find(({ type }) => type === "plan")).toMatchObject({
      items: [
        { action: "new", item: "debian", directory: "debian", sizeBytes: 40_000 },
        { action: "new", item: "ubuntu", directory: "ubuntu", sizeBytes: 80_000 },
      ],
      unchanged: 0,
      gone: [],
      templates: [],
    });
    expect(events.at(-1)).toMatchObject({ type: "done", allInPlace: true, inPlace: 2, new: 2, receivedBytes: 120_000 });
    await expectMirrored(directory, simulator);

    const second = await mirror();
    expect(second).toMatchObject({
      libraryId,
      directory: directory,
      dryRun: false,
      plan: { items: [], unchanged: 2 },
      mirrored: [],
      failed: [],
      counts: { inPlace: 2, unchanged: 2, receivedBytes: 0 },
    });
  });

  test("emits the events of downloads with their item", async ({ simulate }) => {
    const { watch } = await simulate({ libraries });
    const { events } = await watch();
    const finished = events.flatMap((event) =>
      event.type === "download" && event.event.type === "finished" ? [`${event.item}/${event.event.file}`] : [],
    );
    expect(finished.toSorted()).toEqual(["debian/debian.iso", "ubuntu/a.vmdk", "ubuntu/b.vmdk"]);
  });

  test("reports for each item which files are in place, and how they were verified", async ({ simulate }) => {
    const { mirror, simulator } = await simulate({ libraries, report: { checksum: "always" } });
    const { mirrored } = await mirror({ concurrency: 1 });
    const [debian] = mirrored;
    expect(debian).toMatchObject({ item: "debian", action: "new", contentVersion: "1", leftovers: 0, manifests: [] });
    expect(debian?.itemId).toBe(simulator.inventory.item("Images/debian").id);
    expect(debian?.files).toMatchObject([{ name: "debian.iso", sizeBytes: 40_000, verifiedBy: "checksum" }]);
  });

  test("accepts a file URL, refuses options that make no sense, and is iterated once", async ({
    simulate,
    directory,
  }) => {
    const { client, libraryId, simulator } = await simulate({ libraries });
    expect(() => mirrorLibrary(client, "", directory)).toThrow(TypeError);
    expect(() => mirrorLibrary(client, libraryId, directory, { concurrency: 0 })).toThrow(RangeError);
    expect(() => mirrorLibrary(client, libraryId, directory, { maxBytesPerSecond: -1 })).toThrow(RangeError);
    const task = mirrorLibrary(client, libraryId, pathToFileURL(directory));
    expect("then" in task).toBe(false);
    task[Symbol.asyncIterator]();
    expect(() => task[Symbol.asyncIterator]()).toThrow(TypeError);
    await task.report;
    await expectMirrored(directory, simulator);
  });

  test("rejects if the library does not exist, and creates nothing", async ({ simulate, directory }) => {
    const { client } = await simulate({ libraries });
    const task = mirrorLibrary(client, "no-such-library", join(directory, "mirror"));
    await expect(task.report).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await readdir(directory)).toEqual([]);
  });
});

describe("a dry run", () => {
  test("returns the plan with deletions, and changes nothing", async ({ simulate, directory }) => {
    const { simulator, mirror, watch } = await simulate({ libraries });
    await mirror();
    simulator.inventory.item("Images/debian").remove();
    simulator.inventory.item("Images/ubuntu").removeFile("a.vmdk");
    simulator.inventory.library("Images").addItem(imageOf("fedora", "fedora.iso"));
    const before = await filesIn(directory);

    const kept = await mirror({ dryRun: true });
    expect(kept.plan.deletions).toMatchObject([{ action: "kept", item: "debian", directory: "debian" }]);
    const { plan, dryRun } = await mirror({ dryRun: true, delete: true });
    expect(dryRun).toBe(true);
    expect(plan.items).toMatchObject([
      { action: "changed", item: "ubuntu" },
      { action: "new", item: "fedora" },
    ]);
    expect(plan.deletions).toMatchObject([
      { action: "delete", item: "debian", files: 1, sizeBytes: 40_000 },
      { action: "delete", item: "ubuntu", file: "a.vmdk", sizeBytes: 40_000 },
    ]);
    expect(await filesIn(directory)).toEqual(before);

    const { events } = await watch({ dryRun: true, delete: true });
    expect(milestones(events)).toEqual(["plan", "done"]);
    expect(events.at(-1)).toEqual({
      type: "done",
      dryRun: true,
      allInPlace: false,
      toDo: 4,
      unchanged: 0,
      failed: 0,
      space: { fetchBytes: 80_000, growthBytes: -40_000, freeBytes: expect.any(Number) as number },
    });
  });

  test("names the items that would fail in place of rejecting", async ({ simulate, directory }) => {
    const items = [imageOf("twin", "a.iso"), imageOf("Twin", "a.iso")];
    const { mirror } = await simulate({ libraries: [{ name: "Images", items }] });
    const { failed } = await mirror({ dryRun: true });
    expect(failed.map(({ item, error }) => [item, (error as MirrorError).problem])).toEqual([
      ["twin", "name-clash"],
      ["Twin", "name-clash"],
    ]);
    expect(await readdir(directory)).toEqual([]);
    await expect(mirror()).rejects.toMatchObject({ problem: "incomplete" });
  });
});

describe("an item that fails", () => {
  test("leaves the mirror incomplete, and the report says what is in place", async ({ simulate, directory }) => {
    const { simulator, watch } = await simulate({
      libraries,
      faults: [{ on: "transfer", file: "debian.iso", kind: "corrupt", atByte: 9, times: "always" }],
    });
    const { events, error } = await watch({ concurrency: 1 });
    expect(milestones(events)).toEqual([
      "plan",
      "started debian",
      "failed debian",
      "started ubuntu",
      "mirrored ubuntu",
      "done",
    ]);
    expect(error).toBeInstanceOf(MirrorError);
    expect(error).toBeInstanceOf(CarrelError);
    const { problem, code, report, path } = error as MirrorError;
    expect({ problem, code, path }).toEqual({ problem: "incomplete", code: "MIRROR", path: directory });
    expect(report?.failed).toMatchObject([{ item: "debian", error: { code: "INTEGRITY" } }]);
    expect(report?.mirrored).toMatchObject([{ item: "ubuntu" }]);
    expect(report?.counts).toMatchObject({ inPlace: 1, failed: 1 });
    simulator.faults.clear();
  });

  test("is an event that shows nothing secret as JSON", async ({ simulate }) => {
    const { simulator, watch } = await simulate({
      libraries,
      faults: [{ on: "transfer", file: "debian.iso", kind: "status", status: 404, times: "always" }],
    });
    const { events } = await watch();
    const failed = JSON.parse(JSON.stringify(events.find(({ type }) => type === "failed"))) as object;
    expect(failed).toMatchObject({
      type: "failed",
      work: "update",
      item: "debian",
      error: { code: "TRANSFER", message: expect.any(String) as string },
    });
    expect(JSON.stringify(events)).not.toMatch(/\/cls\/data\/(?!\[redacted\])/u);
    simulator.faults.clear();
  });
});

describe("an abort", () => {
  const large = { name: "large", type: "iso", files: [{ name: "large.iso", sizeBytes: 3_000_000 }] };
  const stalled = {
    libraries: [{ name: "Images", items: [imageOf("debian", "debian.iso"), large] }],
    faults: [{ on: "transfer", file: "large.iso", kind: "stall", atByte: 2_000_000 }] as const,
  };

  /** Waits until most of the large item was sent. */
  async function untilStalled(simulator: Simulator): Promise<void> {
    await until(() => simulator.journal.some(({ file, sentBytes }) => file === "large.iso" && sentBytes >= 1_900_000));
  }

  test("rejects with the signal's reason, and leaves no session, lock or open file", async ({
    simulate,
    directory,
  }) => {
    const { client, libraryId, simulator } = await simulate(stalled);
    const abort = new AbortController();
    const task = mirrorLibrary(client, libraryId, directory, { signal: abort.signal });
    const reason = new Error("Enough");
    await untilStalled(simulator);
    abort.abort(reason);
    await expect(task.report).rejects.toBe(reason);
    expect(simulator.openSessions).toEqual([]);
    expect(await readdir(directory)).not.toContain(".carrel-mirror.lock");
    expect(await openFilesIn(directory)).toEqual([]);
  });

  test("by leaving the loop waits until all is released; a later run resumes", async ({ simulate, directory }) => {
    const { client, libraryId, simulator, mirror } = await simulate({ ...stalled, report: { checksum: "always" } });
    const task = mirrorLibrary(client, libraryId, directory, { maxBytesPerSecond: 4_000_000 });
    for await (const event of task) {
      if (event.type !== "started" || event.item !== "large") continue;
      await until(async () => (await filesIn(directory)).some((name) => name.endsWith("large.iso.part.json")));
      break;
    }
    expect(simulator.openSessions).toEqual([]);
    expect(await readdir(directory)).not.toContain(".carrel-mirror.lock");
    await expect(task.report).rejects.toMatchObject({ name: "AbortError" });
    await task.close();
    const { mirrored } = await mirror();
    expect(mirrored.find(({ item }) => item === "large")?.receivedBytes).toBeLessThan(3_000_000);
    await expectMirrored(directory, simulator);
  });

  test("by disposal before the first answer leaves nothing", async ({ simulate, directory }) => {
    const { client, libraryId, simulator } = await simulate({ libraries });
    {
      await using task = mirrorLibrary(client, libraryId, join(directory, "mirror"));
      expect(task.report).toBeInstanceOf(Promise);
    }
    expect(simulator.openSessions).toEqual([]);
    expect(await filesIn(directory)).toEqual([]);
  });
});

describe("a directory that another run works in", () => {
  test("is refused, and the error says who holds the lock", async ({ simulate, directory }) => {
    const { before, mirror } = await simulate({ libraries });
    const second = Promise.withResolvers<unknown>();
    before("downloadSession.create", async () => {
      await mirror().then(second.resolve, second.resolve);
    });
    expect((await mirror()).counts.inPlace).toBe(2);
    expect(await second.promise).toMatchObject({
      problem: "locked",
      code: "MIRROR",
      retryable: true,
      path: join(directory, ".carrel-mirror.lock"),
      holder: expect.stringContaining(`pid ${process.pid}`) as string,
    });
  });
});

test("a second front end needs nothing but events and the report", async ({ simulate, directory }) => {
  const { client, libraryId, simulator } = await simulate({ libraries });
  /** What a page would show: a row for each item. */
  const rows = new Map<string, string>();
  const show = (event: MirrorEvent): void => {
    if (event.type === "plan") for (const { item } of event.items) rows.set(item, "planned");
    if (event.type === "started") rows.set(event.item, "running");
    if (event.type === "mirrored") rows.set(event.item, `${event.files.length} files`);
    if (event.type === "failed") rows.set(event.item, event.error.code);
  };
  const written: string[] = [];
  await using task = mirrorLibrary(client, libraryId, directory);
  for await (const event of task) {
    show(event);
    written.push(JSON.stringify(event));
  }
  const report: MirrorReport = await task.report;
  expect(Object.fromEntries(rows)).toEqual({ debian: "1 files", ubuntu: "2 files" });
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  expect(written.every((line) => JSON.parse(line) !== undefined)).toBe(true);
  const record = JSON.parse(await readFile(join(directory, ".carrel-mirror.json"), "utf8")) as object;
  expect(record).toMatchObject({ format: 2, library: { id: libraryId, name: "Images" } });
  expect(simulator.openSessions).toEqual([]);
});
