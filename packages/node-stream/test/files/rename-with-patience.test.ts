import { readFile, readdir, rename, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { renameWithPatience } from "../../src/files/durable-rename.ts";
import type { RenameSystem } from "../../src/files/durable-rename.ts";
import { tempDirectory } from "@carrel/test-kit";

interface Scripted extends RenameSystem {
  readonly pauses: readonly number[];
}

/** A system that refuses a number of renames with one code, and then performs them; pauses end at once. */
function refusing(code: string, times: number, platform: NodeJS.Platform = "win32"): Scripted {
  const pauses: number[] = [];
  let left = times;
  return {
    platform,
    pauses,
    pause: async (ms) => void pauses.push(ms),
    rename: async (from, to) => {
      left -= 1;
      if (left >= 0) throw Object.assign(new Error(code), { code, syscall: "rename" });
      await rename(from, to);
    },
  };
}

test.each(["EPERM", "EACCES", "EBUSY"])(
  "renameWithPatience waits after %s on Windows, longer each time",
  async (code) => {
    await using folder = await tempDirectory();
    const [from, to] = [folder.join("a.part"), folder.join("a")];
    await writeFile(from, "new");
    await writeFile(to, "old");
    const system = refusing(code, 4);
    await renameWithPatience(from, to, system);
    expect(await readFile(to, "utf8")).toBe("new");
    expect(await readdir(folder.path)).toEqual(["a"]);
    expect(system.pauses).toHaveLength(4);
    expect(system.pauses).toEqual(system.pauses.toSorted((one, other) => one - other));
  },
);

test("renameWithPatience rejects with the system's error if a file stays open for about a second", async () => {
  const system = refusing("EBUSY", Infinity);
  await expect(renameWithPatience("a", "b", system)).rejects.toMatchObject({ code: "EBUSY" });
  const waitedMs = system.pauses.reduce((sum, ms) => sum + ms, 0);
  expect(waitedMs).toBeGreaterThan(800);
  expect(waitedMs).toBeLessThan(1_500);
});

test.each<[string, string, NodeJS.Platform]>([
  ["another error", "ENOENT", "win32"],
  ["another system", "EPERM", "linux"],
  ["another system", "EBUSY", "darwin"],
])("renameWithPatience rejects at once after %s: %s on %s", async (_what, code, platform) => {
  const system = refusing(code, 1, platform);
  await expect(renameWithPatience("a", "b", system)).rejects.toMatchObject({ code });
  expect(system.pauses).toEqual([]);
});

test("renameWithPatience renames by the system's call by default", async () => {
  await using folder = await tempDirectory();
  await writeFile(folder.join("a"), "a");
  await renameWithPatience(folder.join("a"), folder.join("b"));
  expect(await readdir(folder.path)).toEqual(["b"]);
});
