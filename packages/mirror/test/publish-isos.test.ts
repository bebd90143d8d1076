import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readMirrorStatus } from "@carrel/mirror";
import { StrictSubscriber } from "@carrel/test-kit";
import { expect } from "vitest";
import { expectMirrored, filesIn, imageOf, test } from "./support/fixture.ts";

const libraries = [
  { name: "Images", items: [imageOf("debian", "netinst.iso", "dvd 1.ISO"), imageOf("ubuntu", "a.vmdk", "b.iso")] },
];
const isoItems = { publish: { isoItems: true }, deleteAfterMs: 0 } as const;

test("mirrorLibrary with isoItems publishes each ISO as an item whose id stays, says so before, and ends without a trace", async ({
  simulate,
  directory,
}) => {
  const { simulator, mirror } = await simulate({ libraries });
  const subscriber = new StrictSubscriber((href) =>
    readFile(join(directory, decodeURIComponent(href))).catch(() => undefined),
  );
  const sync = async (): Promise<Readonly<Record<string, string>>> => {
    await subscriber.sync();
    return Object.fromEntries([...subscriber.items].map(([id, { name }]) => [name, id]));
  };
  const runBoth = async (options: Parameters<typeof mirror>[0]): Promise<readonly string[]> => {
    const before = await filesIn(directory);
    const { published: planned } = await mirror({ ...options, dryRun: true });
    expect(await filesIn(directory)).toEqual(before);
    const { published } = await mirror(options);
    expect(planned?.changes).toEqual(published?.changes);
    const { publication } = await readMirrorStatus(directory);
    expect(publication).toMatchObject({ outdatedItems: 0 });
    return published?.changes.map(({ change, name, version }) => `${change} ${name} ${version}`).toSorted() ?? [];
  };
  expect(await runBoth(isoItems)).toEqual(["added dvd 1 1", "added netinst 1", "added ubuntu 1"]);
  const first = await sync();
  expect(Object.keys(first).toSorted()).toEqual(["dvd 1", "netinst", "ubuntu"]);
  // It is kept, and the next content version is that of the same items.
  expect(await runBoth({ deleteAfterMs: 0 })).toEqual([]);
  simulator.inventory.item("Images/debian").putFile({ name: "netinst.iso", sizeBytes: 40_000, seed: "another" });
  expect(await runBoth({ deleteAfterMs: 0 })).toEqual(["changed dvd 1 2", "changed netinst 2"]);
  expect(await sync()).toEqual(first);
  // Two runs: what subscribers may have been reading is deleted by the one after.
  expect(await runBoth({ deleteAfterMs: 0 })).toEqual([]);
  expect(await runBoth({ publish: { isoItems: false } })).toEqual([
    "added debian 1",
    "removed dvd 1 2",
    "removed netinst 2",
  ]);
  const item = `urn:uuid:${simulator.inventory.item("Images/debian").id}`;
  expect(await sync()).toEqual({ debian: item, ubuntu: first["ubuntu"] });
  expect(await runBoth(isoItems)).toEqual(["added dvd 1 2", "added netinst 2", "removed debian 1"]);
  await mirror({ publish: false });
  await expectMirrored(directory, simulator);
});
