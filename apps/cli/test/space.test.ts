import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { canMount, mountSmallDisk } from "@carrel/test-kit";
import { describe, expect, test as plain } from "vitest";
import { describeSpace } from "../src/output/space-line.ts";
import { test } from "./support/fixture.ts";
import { eventsOf } from "./support/mirrored.ts";

const items = [{ name: "big", type: "iso", files: [{ name: "big.iso", sizeBytes: 3 * 1024 ** 2 }] }];
const libraries = [{ name: "Images", items }];

describe.runIf(canMount)("on a disk that is too small", () => {
  test.for([
    ["get", ["get", "Images/big", "-o"], "download"],
    ["mirror", ["mirror", "Images"], "mirror"],
  ] as const)(
    "%s refuses before the first byte, and --no-space-check begins",
    async ([, args, verb], { simulate, folder }) => {
      const path = join(folder, "small");
      await mkdir(path);
      using disk = mountSmallDisk(path, "1m");
      if (disk === undefined) return;
      const { simulator, run } = await simulate({ libraries });
      const transfers = (): number => simulator.journal.filter(({ kind }) => kind === "transfer").length;
      const { exitCode, stderr } = await run([...args, path]);
      expect([exitCode, transfers()]).toEqual([1, 0]);
      expect(stderr).toMatch(
        new RegExp(`^carrel: Cannot ${verb} to ".+": needs 3\\.0 MiB, 1[\\d.]+ [KM]iB are free\\n`, "u"),
      );
      expect(stderr).toContain("--no-space-check");
      expect((await run([...args, path, "--no-space-check"])).stderr).toContain("the disk is full");
      expect(transfers()).toBeGreaterThan(0);
    },
  );
});

describe("--dry-run says what is to be fetched, and the free space", () => {
  test("of get", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const args = ["get", "Images/big", "-o", folder, "--dry-run"];
    expect((await run(args)).stdout).toMatch(/^3\.0 MiB to fetch, [\d.]+ [KMGTP]iB free\.$/mu);
    await run(args.slice(0, -1));
    expect((await run(args)).stdout).toMatch(/^0 B to fetch, 3\.0 MiB there already, [\d.]+ [KMGTP]iB free\.$/mu);
  });

  test("of mirror", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const args = ["mirror", "Images", folder, "--dry-run"];
    expect((await run(args)).stdout).toMatch(
      /^1 to do, 0 unchanged\. Nothing was changed\. At most 3\.0 MiB to fetch, [\d.]+ [KMGTP]iB free\.$/mu,
    );
    expect(eventsOf((await run([...args, "--json"])).stdout).at(-1)).toMatchObject({
      type: "done",
      space: { fetchBytes: 3 * 1024 ** 2, growthBytes: 3 * 1024 ** 2 },
    });
  });
});

plain.for([
  [{ neededBytes: 1024, thereBytes: 0, unknownFiles: 0, freeBytes: 2048 }, "1.0 KiB to fetch, 2.0 KiB free"],
  [
    { neededBytes: 0, thereBytes: 5, unknownFiles: 2 },
    "0 B to fetch, 2 files of unknown size, 5 B there already, free space unknown",
  ],
] as const)("describeSpace describes %j", ([space, line]) => {
  expect(describeSpace(space)).toBe(line);
});
