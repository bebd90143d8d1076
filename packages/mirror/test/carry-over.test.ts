import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tempDirectory } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { mirrorLibrary, readMirrorRecord, readMirrorStatus } from "../src/index.ts";
import { expectMirrored, imageOf, recordsIn, test } from "./support/fixture.ts";

const program = fileURLToPath(new URL("child/mirror.mjs", import.meta.url));
const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.vmdk", "b.vmdk")] }];

/** Turns the records of a mirror into the one that earlier versions wrote, and returns it. */
async function toOldForm(directory: string): Promise<string> {
  const path = join(directory, ".carrel-mirror.json");
  const head = JSON.parse(await readFile(path, "utf8")) as object;
  const { items } = (await readMirrorRecord(directory)) ?? { items: [] };
  const text = JSON.stringify({ ...head, format: 1, items });
  await rm(join(directory, ".carrel-mirror.items"), { recursive: true });
  await writeFile(path, text);
  return text;
}

/** Returns what a mirror's own record says, without its form. */
async function headOf(directory: string): Promise<{ readonly format: number }> {
  return JSON.parse(await readFile(join(directory, ".carrel-mirror.json"), "utf8")) as { readonly format: number };
}

describe("a record of an earlier version", () => {
  test("is read, and carried over by the first change", async ({ simulate, directory }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    const before = await readMirrorRecord(directory);
    const status = await readMirrorStatus(directory);
    const old = await toOldForm(directory);
    expect(await readMirrorRecord(directory)).toEqual(before);
    expect(await readMirrorStatus(directory)).toEqual(status);
    await mirror({ dryRun: true });
    expect(await readFile(join(directory, ".carrel-mirror.json"), "utf8")).toBe(old);
    expect(await readdir(directory)).not.toContain(".carrel-mirror.items");

    expect((await mirror()).counts).toMatchObject({ unchanged: 2, receivedBytes: 0 });
    expect(await headOf(directory)).toMatchObject({ format: 2 });
    expect(await headOf(directory)).not.toHaveProperty("items");
    expect((await readMirrorRecord(directory))?.items).toEqual(before?.items);
    const ids = simulator.inventory.library("Images").items.map(({ id }) => `${id}.json`);
    expect((await readdir(join(directory, ".carrel-mirror.items"))).toSorted()).toEqual(ids.toSorted());
    await expectMirrored(directory, simulator);
  });

  test(
    "survives kills before each change of the disk: what the mirror put there is always known",
    { timeout: 300_000 },
    async ({ simulate, annotate }) => {
      let kills = 0;
      for (let killBefore = 0, isKilled = true; isKilled; killBefore++) {
        await using mirrored = await tempDirectory();
        const { simulator, client, libraryId } = await simulate({ libraries });
        await mirrorLibrary(client, libraryId, mirrored.path).report;
        const before = await readMirrorRecord(mirrored.path);
        await toOldForm(mirrored.path);
        const job = {
          ...simulator.credentials,
          endpoint: simulator.url.href,
          libraryId,
          directory: mirrored.path,
          options: {},
          killBefore,
          across: false,
        };
        const child = spawn(process.execPath, [program, JSON.stringify(job)], {
          stdio: ["ignore", "inherit", "inherit"],
        });
        const [code, signal] = (await once(child, "close")) as [number | null, string | null];
        isKilled = signal === "SIGKILL";
        if (isKilled) kills += 1;
        else expect(code).toBe(0);
        expect((await readMirrorRecord(mirrored.path))?.items).toEqual(before?.items);
        // Nothing is taken for somebody else's, or downloaded again.
        const { counts } = await mirrorLibrary(client, libraryId, mirrored.path, { delete: true }).report;
        expect(counts).toMatchObject({ unchanged: 2, receivedBytes: 0, deleted: 0 });
        expect(await headOf(mirrored.path)).toMatchObject({ format: 2 });
        expect((await readMirrorRecord(mirrored.path))?.items).toEqual(before?.items);
        simulator.expireApiSessions();
      }
      await annotate(`${kills} kills`);
      expect(kills).toBeGreaterThan(5);
    },
  );
});

describe("records of items", () => {
  test("change alone: a run writes those of the items that changed, and the mirror's", async ({
    simulate,
    directory,
  }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    const texts = async (): Promise<ReadonlyMap<string, string>> =>
      new Map(
        await Promise.all(
          (await recordsIn(directory)).map(async (path) => [path, await readFile(path, "utf8")] as const),
        ),
      );
    const before = await texts();
    const { id } = simulator.inventory.item("Images/debian");
    simulator.inventory.item("Images/debian").putFile({ name: "debian.iso", text: "new" });
    await mirror();
    const changed = [...(await texts())].filter(([path, text]) => before.get(path) !== text).map(([path]) => path);
    expect(changed).toEqual([
      join(directory, ".carrel-mirror.json"),
      join(directory, ".carrel-mirror.items", `${id}.json`),
    ]);
  });

  test("that an item left behind when another took its place go, also where the run was killed before", async ({
    simulate,
    directory,
  }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    const records = join(directory, ".carrel-mirror.items");
    const { id } = simulator.inventory.item("Images/debian");
    const old = { ...((await readMirrorRecord(directory))?.items ?? []).find((item) => item.id === id), id: "old-1" };
    await writeFile(join(records, "old-1.json"), JSON.stringify({ format: 1, item: old }));
    const path = join(records, `${id}.json`);
    const text = JSON.parse(await readFile(path, "utf8")) as object;
    await writeFile(path, JSON.stringify({ ...text, replaces: ["old-1"] }));
    expect((await readMirrorRecord(directory))?.items.map((item) => item.id)).not.toContain("old-1");
    expect((await mirror({ delete: true })).counts).toMatchObject({ deleted: 0, unchanged: 2 });
    expect(await readdir(records)).not.toContain("old-1.json");
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual(text);
    await expectMirrored(directory, simulator);
  });

  test("of a mirror whose own record is gone are nobody's, and make way for a new one", async ({
    simulate,
    directory,
  }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    await writeFile(join(directory, ".carrel-mirror.items", "x.json"), "{");
    await rm(join(directory, ".carrel-mirror.json"));
    await mirror();
    expect(await readdir(join(directory, ".carrel-mirror.items"))).toHaveLength(2);
    await expectMirrored(directory, simulator);
  });

  test("that somebody copied are ignored, and one that is damaged is refused", async ({ simulate, directory }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    const [, record = ""] = await recordsIn(directory);
    const copy = join(directory, ".carrel-mirror.items", "copy.json");
    await writeFile(copy, await readFile(record, "utf8"));
    expect((await readMirrorRecord(directory))?.items).toHaveLength(2);
    await writeFile(record, "{");
    await expect(mirror()).rejects.toMatchObject({ problem: "record", path: record });
    expect(simulator.openSessions).toEqual([]);
  });
});
