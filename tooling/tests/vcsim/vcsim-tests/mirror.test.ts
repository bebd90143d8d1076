// `carrel mirror` against vcsim.
import { readdir, readFile, truncate } from "node:fs/promises";
import { join } from "node:path";
import { sha256OfFile } from "@carrel/test-kit";
import { expect } from "vitest";
import { seedLibrary } from "../src/index.ts";
import { test } from "./fixture.ts";
import { jsonLines } from "./json-lines.ts";

test("mirror brings an item, leaves it alone, and gets back what is cut off", async ({ vcsim, folder, run }) => {
  const files = [
    { name: "small.txt", sizeBytes: 1234 },
    { name: "large.iso", sizeBytes: 5_000_000 },
  ];
  const seeded = await seedLibrary(vcsim, { library: "Mirrored", item: "two-files", files });
  for (const [action, receivedBytes] of [
    ["new", 5_001_234],
    ["none", 0],
    ["incomplete", 5_000_000],
  ] as const) {
    if (action === "incomplete") await truncate(join(folder, "two-files", "large.iso"), 4_000_000);
    const { exitCode, stdout, stderr } = await run(["mirror", "Mirrored", folder, "--json"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(jsonLines(stdout).filter(({ type }) => type !== "finished" && type !== "skipped")).toMatchObject([
      ...(action === "none" ? [] : [{ type: "mirrored", action, item: "two-files" }]),
      { type: "done", allInPlace: true, receivedBytes },
      { type: "summary", complete: true },
    ]);
    for (const { name, sha256 } of seeded.files) {
      expect(await sha256OfFile(join(folder, "two-files", name))).toBe(sha256);
    }
  }
  expect(JSON.parse(await readFile(join(folder, ".carrel-mirror.json"), "utf8"))).toMatchObject({
    library: { id: seeded.libraryId },
  });
  expect(await readdir(join(folder, ".carrel-mirror.items"))).toEqual([`${seeded.itemId}.json`]);
});
