import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isSoak, tempDirectory, tries } from "@carrel/test-kit";
import { expect } from "vitest";
import { mirrorLibrary } from "../src/index.ts";
import { expectMirrored, filesIn, imageOf, test } from "./support/fixture.ts";
import { runKilled } from "./support/killed-run.ts";

const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.vmdk", "b.vmdk")] }];

/** Whether some file below one of the directories has these bytes. */
async function isKept(bytes: Buffer, directories: readonly string[]): Promise<boolean> {
  for (const directory of directories) {
    for (const path of await filesIn(directory).catch(() => [])) {
      if ((await readFile(join(directory, path))).equals(bytes)) return true;
    }
  }
  return false;
}

/** How many changes of the disk lie between two kills. */
const step = tries(41, 23);
/** First changes. Each has a test of its own, so that none takes long. */
const firsts = isSoak ? [0, 4, 8, 12, 16, 20] : [11];

test.for(
  firsts.flatMap((first) => [
    ["on the same file system", first, false] as const,
    ["on another one", first, true] as const,
  ]),
)(
  `mirrorLibrary with backupDirectory %s, killed before change %i of the disk, and further on every ${step}, loses no file`,
  async ([, first, across], { simulate, annotate }) => {
    let isKilled = true;
    let killBefore = first;
    for (; isKilled; killBefore += step) {
      await using mirrored = await tempDirectory();
      await using backups = await tempDirectory();
      const simulated = await simulate({ libraries });
      const { simulator, client, libraryId } = simulated;
      await mirrorLibrary(client, libraryId, mirrored.path).report;
      const paths = (await filesIn(mirrored.path)).filter((name) => !name.startsWith("."));
      const before = await Promise.all(paths.map((path) => readFile(join(mirrored.path, path))));
      simulator.inventory.item("Images/debian").remove();
      simulator.inventory.item("Images/ubuntu").putFile({ name: "a.vmdk", sizeBytes: 50_000, seed: "new" });
      simulator.inventory.item("Images/ubuntu").removeFile("b.vmdk");

      const options = { delete: true, backupDirectory: backups.path };
      isKilled = await runKilled(simulated, mirrored.path, options, { killBefore, across });
      for (const [index, bytes] of before.entries()) {
        expect(await isKept(bytes, [mirrored.path, backups.path]), `${paths[index]}, change ${killBefore}`).toBe(true);
      }

      await mirrorLibrary(client, libraryId, mirrored.path, options).report;
      await expectMirrored(mirrored.path, simulator);
      for (const bytes of before) expect(await isKept(bytes, [backups.path])).toBe(true);
      expect((await readdir(backups.path)).filter((name) => name.startsWith("."))).toEqual([]);
    }
    await annotate(`the last run, before change ${killBefore - step}, was not killed`);
  },
);
