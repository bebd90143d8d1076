// What keeps a mirror from following a mistake, and from holding more than is wanted.
import { access } from "node:fs/promises";
import { join } from "node:path";
import { MirrorError } from "@carrel/mirror";
import { describe, expect, test as plain } from "vitest";
import { isSelected } from "../src/library/selection.ts";
import { filesIn, imageOf, test, transferred } from "./support/fixture.ts";

const libraries = [
  {
    name: "Images",
    items: [
      imageOf("debian", "debian.iso"),
      imageOf("ubuntu-24", "a.iso"),
      imageOf("ubuntu-daily", "b.iso"),
      { ...imageOf("photon", "p.ovf"), type: "ovf" },
    ],
  },
];

const itemsIn = async (directory: string): Promise<readonly string[]> =>
  [...new Set((await filesIn(directory)).map((path) => path.split("/")[0] ?? ""))].filter(
    (name) => !name.startsWith("."),
  );

describe("mirrorLibrary with maxDelete", () => {
  test("changes nothing where more items no longer exist", async ({ simulate, directory }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    simulator.inventory.item("Images/debian").remove();
    simulator.inventory.item("Images/photon").remove();
    simulator.inventory.library("Images").addItem(imageOf("fedora", "fedora.iso"));
    const before = await filesIn(directory);
    const error: unknown = await mirror({ delete: true, maxDelete: 1 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MirrorError);
    expect(error).toMatchObject({
      problem: "too-many-deletions",
      message: `Cannot delete 2 items that no longer exist on the server from "${directory}": at most 1 may be deleted`,
    });
    expect(await filesIn(directory)).toEqual(before);
    expect((await mirror({ delete: true, maxDelete: 2 })).counts).toMatchObject({ deleted: 2, new: 1 });
  });

  test("counts only where items are deleted", async ({ simulate }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    simulator.inventory.item("Images/debian").remove();
    expect((await mirror({ maxDelete: 0 })).counts).toMatchObject({ goneAndKept: 1 });
  });

  test.for([-1, 0.5, Number.NaN])("%d is a RangeError", async (maxDelete, { simulate }) => {
    const { mirror } = await simulate({ libraries });
    expect(() => mirror({ delete: true, maxDelete })).toThrow(RangeError);
  });
});

describe("mirrorLibrary with select", () => {
  test.for([
    [{ include: ["ubuntu-*"] }, ["ubuntu-24", "ubuntu-daily"]],
    [{ include: ["ubuntu-*"], exclude: ["*-daily"] }, ["ubuntu-24"]],
    [{ exclude: ["{debian,photon}"] }, ["ubuntu-24", "ubuntu-daily"]],
    [{ types: ["OVF"] }, ["photon"]],
    [{ newerThan: new Date("2100-01-01") }, []],
    [{ newerThan: new Date(0) }, ["debian", "photon", "ubuntu-24", "ubuntu-daily"]],
  ] as const)("%j downloads only those items", async ([select, expected], { simulate, directory }) => {
    const { mirror } = await simulate({ libraries });
    const { counts, plan } = await mirror({ select });
    expect(await itemsIn(directory)).toEqual(expected);
    expect(counts).toMatchObject({ inPlace: expected.length, excluded: 4 - expected.length });
    expect(plan.excluded).toHaveLength(4 - expected.length);
  });

  test("leaves what is not selected alone, also where it no longer exists", async ({ simulate, directory }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    const { length } = transferred(simulator);
    simulator.inventory.item("Images/ubuntu-daily").remove();
    simulator.inventory.item("Images/debian").putFile({ name: "debian.iso", sizeBytes: 50_000, seed: "new" });
    const { counts } = await mirror({ delete: true, select: { include: ["photon"] } });
    expect(counts).toMatchObject({ inPlace: 1, unchanged: 1, excluded: 2, deleted: 0, goneAndKept: 0 });
    expect(transferred(simulator)).toHaveLength(length);
    await access(join(directory, "ubuntu-daily", "b.iso"));
  });

  test.for([
    { include: "ubuntu" },
    { exclude: [1] },
    { types: {} },
    { newerThan: "yesterday" },
    { newerThan: new Date("?") },
  ])("%j is a TypeError", async (select, { simulate }) => {
    const { mirror } = await simulate({ libraries });
    expect(() => mirror({ select: select as object })).toThrow(TypeError);
  });
});

plain("an item without a time of its own counts as new", () => {
  expect(isSelected({ name: "a", type: "iso" }, { newerThan: new Date() })).toBe(true);
});
