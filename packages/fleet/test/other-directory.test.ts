import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openFleet } from "../src/index.ts";

test("openFleet refuses a directory with other things in it, and leaves them alone", async () => {
  const parent = await mkdtemp(join(tmpdir(), "carrel-test-"));
  const nothing = (): Promise<never> => Promise.reject(new Error("Nothing is asked here"));
  try {
    await writeFile(join(parent, "mine.txt"), "mine");
    await expect(openFleet({ database: parent, clientFor: nothing, placeFor: nothing })).rejects.toMatchObject({
      code: "FLEET",
      problem: "database-directory",
    });
    expect(await readdir(parent)).toEqual(["mine.txt"]);
  } finally {
    await rm(parent, { recursive: true, force: true });
    await rm(`${parent}.lock`, { recursive: true, force: true });
  }
});
