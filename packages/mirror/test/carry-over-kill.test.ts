import { tempDirectory, tries } from "@carrel/test-kit";
import { expect } from "vitest";
import { mirrorLibrary, readMirrorRecord } from "../src/index.ts";
import { imageOf, test } from "./support/fixture.ts";
import { runKilled } from "./support/killed-run.ts";
import { headOf, toOldForm } from "./support/old-record.ts";

const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.vmdk", "b.vmdk")] }];
/** How many changes of the disk lie between two kills. */
const step = tries(6, 1);

test(
  "a record of an earlier version survives kills before changes of the disk: what the mirror put there is always known",
  { timeout: 300_000 },
  async ({ simulate, annotate }) => {
    let isKilled = true;
    let killBefore = Math.floor(step / 2);
    for (; isKilled; killBefore += step) {
      await using mirrored = await tempDirectory();
      const simulated = await simulate({ libraries });
      const { client, libraryId } = simulated;
      await mirrorLibrary(client, libraryId, mirrored.path).report;
      const before = await readMirrorRecord(mirrored.path);
      await toOldForm(mirrored.path);
      isKilled = await runKilled(simulated, mirrored.path, {}, { killBefore });
      expect((await readMirrorRecord(mirrored.path))?.items).toEqual(before?.items);
      // Nothing is taken for somebody else's, or downloaded again.
      const { counts } = await mirrorLibrary(client, libraryId, mirrored.path, { delete: true }).report;
      expect(counts).toMatchObject({ unchanged: 2, receivedBytes: 0, deleted: 0 });
      expect(await headOf(mirrored.path)).toMatchObject({ format: 2 });
      expect((await readMirrorRecord(mirrored.path))?.items).toEqual(before?.items);
    }
    await annotate(`killed before each of some ${killBefore - step} changes, in steps of ${step}`);
    expect(killBefore).toBeGreaterThan(3 * step);
  },
);
