// What mirrorLibrary needs of the disk, and that it changes nothing where that is not there.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { canMount, mountSmallDisk } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { MirrorError, mirrorLibrary } from "../src/index.ts";
import { filesIn, imageOf, test, transferred } from "./support/fixture.ts";

const large = (name: string, sizeBytes: number, seed: string = name): ReturnType<typeof imageOf> => ({
  name,
  type: "iso",
  files: [{ name: `${name}.iso`, sizeBytes, seed }],
});

/** A small disk below a directory; `undefined` where nothing can be mounted. */
async function smallDisk(directory: string): Promise<(Disposable & { readonly path: string }) | undefined> {
  const path = join(directory, "small");
  await mkdir(path);
  const disk = mountSmallDisk(path, "1m");
  return disk && { path, [Symbol.dispose]: () => disk[Symbol.dispose]() };
}

describe.runIf(canMount)("mirrorLibrary on a disk that is too small", () => {
  test("changes nothing, and says what it needs; a dry run does too", async ({ simulate, directory }) => {
    const libraries = [{ name: "Images", items: [large("a", 700_000), large("b", 700_000)] }];
    const { simulator, client, libraryId } = await simulate({ libraries });
    using small = await smallDisk(directory);
    if (small === undefined) return;
    for (const dryRun of [true, false]) {
      const run = mirrorLibrary(client, libraryId, small.path, { dryRun }).report;
      const error: unknown = await run.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(MirrorError);
      expect(error).toMatchObject({ problem: "no-space", retryable: true, path: small.path });
      expect((error as Error).message).toMatch(/^Cannot mirror to ".+": needs 1\.3 MiB, 1[\d.]+ [KM]iB are free$/u);
    }
    expect(transferred(simulator)).toEqual([]);
    const { report } = mirrorLibrary(client, libraryId, small.path, { checkSpace: false, concurrency: 1 });
    await expect(report).rejects.toMatchObject({
      problem: "incomplete",
      report: { counts: { inPlace: 1, failed: 1 } },
    });
  });

  test("counts what is deleted and what is replaced, but not where that is kept elsewhere", async ({
    simulate,
    directory,
  }) => {
    const libraries = [{ name: "Images", items: [large("a", 400_000), large("b", 400_000)] }];
    const { simulator, client, libraryId } = await simulate({ libraries });
    using small = await smallDisk(directory);
    if (small === undefined) return;
    const mirror = (options: object): ReturnType<typeof mirrorLibrary>["report"] =>
      mirrorLibrary(client, libraryId, small.path, { delete: true, ...options }).report;
    await mirror({});
    simulator.inventory.item("Images/a").remove();
    simulator.inventory.library("Images").addItem(large("c", 500_000));
    await expect(mirror({ backupDirectory: join(small.path, ".before") })).rejects.toMatchObject({
      problem: "no-space",
    });
    await expect(mirror({ delete: false })).rejects.toMatchObject({ problem: "no-space" });
    expect((await mirror({})).counts).toMatchObject({ deleted: 1, new: 1, failed: 0 });
    // In the end it would fit, but not beside the old version: only this item fails.
    simulator.inventory.item("Images/c").putFile({ name: "c.iso", sizeBytes: 500_000, seed: "new" });
    await expect(mirror({})).rejects.toMatchObject({
      problem: "incomplete",
      report: { counts: { inPlace: 1 }, failed: [{ item: "c", error: { code: "TRANSFER", problem: "no-space" } }] },
    });
    expect(await filesIn(join(small.path, "c"))).toEqual(["c.iso"]);
  });
});

test("mirrorLibrary plans what is fetched at most and by how much the mirror grows", async ({ simulate }) => {
  const { simulator, mirror } = await simulate({ libraries: [{ name: "Images", items: [large("a", 40_000)] }] });
  const space = async (options = {}): Promise<unknown> => (await mirror({ dryRun: true, ...options })).plan.space;
  const freeBytes = expect.any(Number) as number;
  expect(await space()).toEqual({ fetchBytes: 40_000, growthBytes: 40_000, freeBytes });
  await mirror();
  expect(await space()).toEqual({ fetchBytes: 0, growthBytes: 0, freeBytes });
  simulator.inventory.item("Images/a").putFile({ name: "a.iso", sizeBytes: 50_000, seed: "new" });
  expect(await space()).toEqual({ fetchBytes: 50_000, growthBytes: 10_000, freeBytes });
  simulator.inventory.library("Images").addItem(large("b", 10_000));
  simulator.inventory.item("Images/a").remove();
  expect(await space({ delete: true })).toEqual({ fetchBytes: 10_000, growthBytes: -30_000, freeBytes });
});
