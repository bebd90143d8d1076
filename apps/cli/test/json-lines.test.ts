import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { test } from "./support/fixture.ts";
import { eventsOf } from "./support/mirrored.ts";

const files = [{ name: "x.bin", sizeBytes: 5_000 }];
const libraries = [
  {
    name: "Images",
    items: [
      { name: "slash/inside", files },
      { name: "plain", files },
    ],
  },
];

describe("a line of get about a file", () => {
  test("has the names of item and library, the path on the disk, and the digest", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries, report: { checksum: "never" } });
    const { exitCode, stdout } = await run(["get", "Images/*", "-o", folder, "--json"]);
    expect(exitCode).toBe(0);
    const events = eventsOf(stdout);
    const library = simulator.inventory.library("Images");
    for (const event of events.filter(({ type }) => type !== "summary")) {
      expect(event).toMatchObject({ library: "Images", libraryId: library.id, itemId: expect.any(String) as string });
    }
    const finished = events.filter(({ type }) => type === "finished");
    expect(finished).toHaveLength(2);
    for (const { path, ...event } of finished) {
      expect(event).toMatchObject({ file: "x.bin", sizeBytes: 5_000, verifiedBy: "length" });
      expect(event["sha256"]).toBe(sha256(await readFile(path as string)));
    }
    const { id } = library.items.find(({ name }) => name === "slash/inside") ?? { id: "" };
    expect(finished.find(({ itemId }) => itemId === id)).toMatchObject({ path: join(folder, id, "x.bin") });
    const plan = events.find(({ type, itemId }) => type === "plan" && itemId === id);
    expect(plan?.["files"]).toMatchObject([{ file: "x.bin", path: join(folder, id, "x.bin") }]);
    const again = eventsOf((await run(["get", "Images/plain", "-o", join(folder, "plain"), "--json"])).stdout);
    expect(again.find(({ type }) => type === "skipped")).toMatchObject({
      path: join(folder, "plain", "x.bin"),
      sha256: finished.find(({ item }) => item === "plain")?.["sha256"] as string,
    });
  });

  test("has them too where it failed, and where it would be downloaded", async ({ simulate, folder }) => {
    const { run } = await simulate({
      libraries: [{ name: "Images", items: [{ name: "plain", files: [...files, { name: "y.bin", sizeBytes: 10 }] }] }],
      faults: [{ on: "transfer", file: "x.bin", kind: "corrupt", atByte: 9, times: "always" }],
      report: { checksum: "always" },
    });
    const dry = eventsOf((await run(["get", "Images/plain", "-o", folder, "--json", "--dry-run"])).stdout);
    const where = { library: "Images", item: "plain", file: "x.bin", path: join(folder, "x.bin") };
    expect(dry[0]).toMatchObject({ type: "planned", ...where });
    const events = eventsOf((await run(["get", "Images/plain", "-o", folder, "--json"])).stdout);
    expect(events.find(({ type }) => type === "failed")).toMatchObject({ ...where, error: { code: "INTEGRITY" } });
  });
});

test("a line of get for people has the path on the disk, and the item where that does not show it", async ({
  simulate,
  folder,
}) => {
  const { simulator, run } = await simulate({ libraries });
  const { stdout } = await run(["get", "Images/*", "-o", folder]);
  const id = simulator.inventory.library("Images").items.find(({ name }) => name === "slash/inside")?.id ?? "";
  expect(stdout).toMatch(/ {2}plain\/x\.bin$/mu);
  expect(stdout).toContain(`  ${id}/x.bin  ("slash/inside")\n`);
});

describe("lines of mirror", () => {
  test("about items and files have the library and the path on the disk", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const library = simulator.inventory.library("Images");
    const id = library.items.find(({ name }) => name === "slash/inside")?.id ?? "";
    const dry = eventsOf((await run(["mirror", "Images", folder, "--dry-run", "--json"])).stdout);
    const names = { library: "Images", libraryId: library.id };
    const slash = { ...names, item: "slash/inside", itemId: id };
    expect(dry.find(({ itemId }) => itemId === id)).toMatchObject({
      type: "planned",
      ...slash,
      path: join(folder, id),
    });
    const events = eventsOf((await run(["mirror", "Images", folder, "--json"])).stdout);
    const file = events.find(({ type, itemId }) => type === "finished" && itemId === id);
    expect(file).toMatchObject({ ...slash, file: "x.bin", path: join(folder, id, "x.bin"), sizeBytes: 5_000 });
    expect(events.find(({ type, itemId }) => type === "mirrored" && itemId === id)).toMatchObject({
      ...slash,
      path: join(folder, id),
      contentVersion: 1,
    });
    for (const event of events.filter(({ type }) => type !== "summary")) expect(event).toMatchObject(names);
  });

  test("for people have the directory where it is not named after the item", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const id = simulator.inventory.library("Images").items.find(({ name }) => name === "slash/inside")?.id ?? "";
    const { stdout } = await run(["mirror", "Images", folder]);
    expect(stdout).toContain(`  slash/inside  -> ${id}\n`);
    expect(stdout).toMatch(/ {2}plain$/mu);
  });
});
