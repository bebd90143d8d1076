import { join } from "node:path";
import { readFile } from "node:fs/promises";
import { describe, expect } from "vitest";
import { mirrorLibrary } from "../src/index.ts";
import { planMirror, updateOneItem } from "../src/items.ts";
import type { ItemToUpdate, OneItemOptions, PlanOptions } from "../src/items.ts";
import { vcenterSource } from "../src/source.ts";
import { expectMirrored, filesIn, imageOf, operations, test } from "./support/fixture.ts";
import type { Simulated } from "./support/fixture.ts";

const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.vmdk", "b.vmdk")] }];

/** Plans, and returns the items that were handed over. */
async function plan(
  { client, libraryId }: Simulated,
  directory: string,
  { busy = [], ...options }: Partial<PlanOptions> & { readonly busy?: readonly string[] } = {},
): Promise<readonly ItemToUpdate[]> {
  const taken: ItemToUpdate[] = [];
  await planMirror(vcenterSource(client), libraryId, directory, {
    onEvent: () => {},
    signal: new AbortController().signal,
    ...options,
    handOver: { busy: new Set(busy), take: async (_library, items) => void taken.push(...items) },
  });
  return taken;
}

async function update(
  { client, libraryId }: Simulated,
  directory: string,
  { itemId, ...more }: Pick<OneItemOptions, "itemId" | "replaces">,
): Promise<string> {
  const options = { onEvent: () => {}, onWait: () => {}, signal: new AbortController().signal, download: {} };
  const library = { id: libraryId, name: "Images" };
  const done = await updateOneItem(vcenterSource(client), directory, { library, itemId, ...more, ...options });
  return done?.action ?? "none";
}

describe("a mirror whose items are updated apart from each other", () => {
  test("ends like one that a run of mirrorLibrary brings up to date", async ({ simulate, directory }) => {
    const simulated = await simulate({ libraries });
    const items = await plan(simulated, directory);
    expect(items.map(({ item, action }) => [item, action])).toEqual([
      ["debian", "new"],
      ["ubuntu", "new"],
    ]);
    await Promise.all(items.map((item) => update(simulated, directory, item)));
    await expectMirrored(directory, simulated.simulator);
    expect(await plan(simulated, directory)).toEqual([]);
    const { client, libraryId } = simulated;
    expect((await mirrorLibrary(client, libraryId, directory).report).counts).toMatchObject({ unchanged: 2 });
  });

  test("recognises an item that is in place in one call", async ({ simulate, directory }) => {
    const simulated = await simulate({ libraries });
    const [debian] = await plan(simulated, directory);
    await update(simulated, directory, debian!);
    const before = simulated.simulator.journal.length;
    expect(await update(simulated, directory, debian!)).toBe("none");
    expect(operations(simulated.simulator, before)).toEqual(["item.get"]);
  });

  test("leaves items alone that are busy: neither deleted, nor moved, nor what arrived of them", async ({
    simulate,
    directory,
  }) => {
    const simulated = await simulate({ libraries });
    const items = await plan(simulated, directory);
    for (const item of items) await update(simulated, directory, item);
    const debian = simulated.simulator.inventory.item("Images/debian");
    const { id } = debian;
    debian.remove();
    expect(await plan(simulated, directory, { delete: true, busy: [id] })).toEqual([]);
    expect(await filesIn(directory)).toContain(join("debian", "debian.iso"));
    expect(await plan(simulated, directory, { delete: true })).toEqual([]);
    expect(await filesIn(directory)).not.toContain(join("debian", "debian.iso"));
  });

  test("takes over the directory of an item that was deleted and created again", async ({ simulate, directory }) => {
    const simulated = await simulate({ libraries });
    for (const item of await plan(simulated, directory)) await update(simulated, directory, item);
    simulated.simulator.inventory.item("Images/debian").remove();
    simulated.simulator.inventory.library("Images").addItem(imageOf("debian", "debian.iso", "readme.txt"));
    const [item] = await plan(simulated, directory, { delete: true });
    expect(item).toMatchObject({ item: "debian", action: "changed" });
    await update(simulated, directory, item!);
    await expectMirrored(directory, simulated.simulator);
    expect(await plan(simulated, directory, { delete: true })).toEqual([]);
  });

  test("is published once all of its items are in place", async ({ simulate, directory }) => {
    const simulated = await simulate({ libraries });
    const [debian, ubuntu] = await plan(simulated, directory, { publish: true });
    await update(simulated, directory, debian!);
    await plan(simulated, directory, { publish: true, busy: [ubuntu!.itemId] });
    expect(await filesIn(directory)).not.toContain("lib.json");
    await update(simulated, directory, ubuntu!);
    await plan(simulated, directory, { publish: true });
    const first = JSON.parse(await readFile(join(directory, "items.json"), "utf8")) as { items: unknown[] };
    expect(first.items).toHaveLength(2);
    simulated.simulator.inventory
      .item("Images/debian")
      .putFile({ name: "debian.iso", sizeBytes: 40_000, seed: "another" });
    const [changed] = await plan(simulated, directory, { publish: true });
    await update(simulated, directory, changed!);
    const files = await filesIn(directory);
    expect(files.filter((file) => file.endsWith("debian.iso"))).toHaveLength(2);
    await plan(simulated, directory, { publish: true });
    expect(await plan(simulated, directory, { publish: true })).toEqual([]);
  });
});
