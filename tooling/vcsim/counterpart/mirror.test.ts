// `carrel mirror` against vcsim.
import { mkdtemp, readFile, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { countApiSessions, listDownloadSessions, seedLibrary, startVcsim } from "../src/index.ts";
import { runCarrel } from "./run-carrel.ts";
import { sha256OfFile } from "./sha256-of-file.ts";

test("mirror brings an item, leaves it alone, and gets back what is cut off", async () => {
  await using vcsim = await startVcsim();
  const files = [
    { name: "small.txt", sizeBytes: 1234 },
    { name: "large.iso", sizeBytes: 5_000_000 },
  ];
  const seeded = await seedLibrary(vcsim, { library: "Images", item: "two-files", files });
  const folder = await mkdtemp(join(tmpdir(), "carrel-vcsim-"));
  try {
    const args = ["mirror", "Images", folder, "--json"];
    for (const [action, receivedBytes] of [
      ["new", 5_001_234],
      ["none", 0],
      ["incomplete", 5_000_000],
    ] as const) {
      if (action === "incomplete") await truncate(join(folder, "two-files", "large.iso"), 4_000_000);
      const { exitCode, stdout, stderr } = await runCarrel(vcsim, args);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      const events = stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown);
      expect(events).toMatchObject([
        ...(action === "none" ? [] : [{ type: "mirrored", action, item: "two-files" }]),
        { type: "done", allInPlace: true, receivedBytes },
      ]);
      for (const { name, sha256 } of seeded.files) {
        expect(await sha256OfFile(join(folder, "two-files", name))).toBe(sha256);
      }
    }
    expect(JSON.parse(await readFile(join(folder, ".carrel-mirror.json"), "utf8"))).toMatchObject({
      library: { id: seeded.libraryId },
      items: [{ id: seeded.itemId }],
    });
  } finally {
    await rm(folder, { recursive: true });
  }
  expect(await listDownloadSessions(vcsim)).toEqual([]);
  await expect.poll(() => countApiSessions(vcsim.journal)).toBe(0);
});
