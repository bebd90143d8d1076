import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { StrictSubscriber, tempDirectory, tries } from "@carrel/test-kit";
import { expect } from "vitest";
import { mirrorLibrary } from "../src/index.ts";
import { imageOf, test } from "./support/fixture.ts";
import { runKilled } from "./support/killed-run.ts";

const libraries = [
  {
    name: "Images",
    items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.ovf", "b.vmdk"), imageOf("old", "x.iso")],
  },
];
/** How many changes of the disk lie between two kills; with 1 it takes ten minutes. */
const step = tries(97, 13);

test.for([
  ["on a file system with links", false],
  ["on one without", true],
] as const)(
  "mirrorLibrary with publish %s, killed before changes of the disk, satisfies subscribers from before and after",
  { timeout: 900_000 },
  async ([, across], { simulate, annotate }) => {
    let isKilled = true;
    let killBefore = Math.floor(step / 2);
    for (; isKilled; killBefore += step) {
      await using mirrored = await tempDirectory();
      const { path: directory } = mirrored;
      const simulated = await simulate({ libraries, report: { itemChecksum: true } });
      const { simulator, client, libraryId } = simulated;
      const options = { publish: true, delete: true };
      await mirrorLibrary(client, libraryId, directory, options).report;
      const subscribe = (): StrictSubscriber =>
        new StrictSubscriber((href) => readFile(join(directory, decodeURIComponent(href))).catch(() => undefined));
      const before = subscribe();
      await before.sync();
      const { inventory } = simulator;
      const { id } = inventory.item("Images/debian");
      inventory.item("Images/debian").remove();
      inventory.library("Images").addItem({ ...imageOf("debian", "debian.iso"), id, name: "debian 13" });
      inventory.item("Images/ubuntu").putFile({ name: "a.ovf", sizeBytes: 50_000, seed: "new" });
      inventory.item("Images/old").remove();
      inventory.library("Images").addItem(imageOf("old", "x.iso", "y.iso"));
      inventory.library("Images").addItem(imageOf("alpine", "alpine.iso"));

      isKilled = await runKilled(simulated, directory, options, { killBefore, across });
      const between = subscribe();
      for (const subscriber of [before, between]) await subscriber.sync();

      const { published } = await mirrorLibrary(client, libraryId, directory, options).report;
      expect(published?.version).toBeGreaterThanOrEqual(2);
      for (const subscriber of [before, between, subscribe()]) {
        await subscriber.sync();
        expect(subscriber.items.size).toBe(4);
        for (const item of inventory.library("Images").items) {
          const seen = subscriber.items.get(`urn:uuid:${item.id}`);
          expect(seen?.name).toBe(item.name);
          for (const file of item.files) {
            const bytes = Buffer.from(seen?.files.get(file.name) ?? []);
            expect(bytes.equals(await file.bytes()), `change ${killBefore}: ${item.name}/${file.name}`).toBe(true);
          }
        }
      }
    }
    await annotate(`killed before each of some ${killBefore - step} changes, in steps of ${step}`);
  },
);
