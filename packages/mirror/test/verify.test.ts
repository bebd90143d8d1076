import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { expectMirrored, imageOf, test, transferred } from "./support/fixture.ts";

const libraries = [{ name: "Images", items: [imageOf("ubuntu", "a.vmdk", "b.vmdk"), imageOf("debian", "debian.iso")] }];

/** Changes a byte of a file, whose size stays. */
async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[1000] = (bytes[1000] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

describe("verify", () => {
  test("finds a file that was modified locally, and downloads it again", async ({ simulate, directory }) => {
    const { simulator, mirror, watch } = await simulate({ libraries });
    await mirror();
    const path = join(directory, "ubuntu", "b.vmdk");
    await flip(path);
    // Without it only sizes are compared.
    expect((await mirror()).counts).toMatchObject({ unchanged: 2 });

    const { events } = await watch({ verify: true, dryRun: true });
    expect(events.filter(({ type }) => type === "differs")).toEqual([
      {
        type: "differs",
        item: "ubuntu",
        itemId: simulator.inventory.item("Images/ubuntu").id,
        directory: "ubuntu",
        file: "b.vmdk",
        path,
        sizeBytes: 40_000,
      },
    ]);
    expect(events.find(({ type }) => type === "plan")).toMatchObject({
      items: [{ action: "incomplete", item: "ubuntu" }],
      unchanged: 1,
    });

    const before = transferred(simulator).length;
    const { verified, counts } = await mirror({ verify: true });
    expect(verified).toEqual({ files: 3, bytes: 120_000, differing: 1 });
    expect(counts).toMatchObject({ incomplete: 1, unchanged: 1 });
    expect(transferred(simulator)).toHaveLength(before + 1);
    await expectMirrored(directory, simulator);
  });

  test("says how far the reading is", async ({ simulate }) => {
    const { mirror, watch } = await simulate({ libraries });
    expect((await mirror({ verify: true })).verified).toEqual({ files: 0, bytes: 0, differing: 0 });
    const { events } = await watch({ verify: true });
    const reading = events.filter(({ type }) => type === "verifying");
    expect(reading.at(-1)).toEqual({ type: "verifying", files: 3, readBytes: 120_000, totalBytes: 120_000 });
    expect(events.at(-1)).toMatchObject({ type: "done", verified: { files: 3, bytes: 120_000, differing: 0 } });
  });

  test("is aborted without waiting for the rest", async ({ simulate }) => {
    const { mirror, watch } = await simulate({ libraries });
    await mirror();
    const abort = new AbortController();
    const reason = new Error("Enough");
    abort.abort(reason);
    expect((await watch({ verify: true, signal: abort.signal })).error).toBe(reason);
  });
});
