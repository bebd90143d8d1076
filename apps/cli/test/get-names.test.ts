import { join } from "node:path";
import { describe, expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";
import { transferred } from "./support/mirrored.ts";

const iso = (name: string, file = "a.iso"): object => ({
  name,
  type: "iso",
  files: [{ name: file, sizeBytes: 1_000 }],
});
const libraryOf = (...items: readonly object[]): never => [{ name: "Images", items }] as never;

describe("an item whose name could be a glob", () => {
  test.for(["Debian [LTS]", "{old,new}", "What [2]", "]["])("%j", async (name, { simulate, folder }) => {
    const libraries = libraryOf(iso(name), iso("Debian L"), iso("old"), iso("What 2"));
    const { simulator, run } = await simulate({ libraries });
    expect(await run(["get", `Images/${name}`, "-o", folder])).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await filesIn(folder)).toEqual(["a.iso"]);
    const sessions = simulator.journal.filter(({ operation }) => operation === "downloadSession.create");
    expect(sessions).toHaveLength(1);
    expect(simulator.journal.some(({ operation }) => operation === "item.list")).toBe(false);
  });

  test("in another case, and with some of its files", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries: libraryOf(iso("Debian [LTS]", "[a].iso"), iso("Debian L")) });
    expect(await run(["get", "Images/debian [lts]/[a].iso", "-o", folder])).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await filesIn(folder)).toEqual(["[a].iso"]);
  });

  test("of two, in one case each, is refused with their ids", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries: libraryOf(iso("A [x]"), iso("a [X]")) });
    const { exitCode, stderr } = await run(["get", "Images/a [x]", "-o", folder]);
    expect(exitCode).toBe(2);
    for (const { id } of simulator.inventory.library("Images").items) expect(stderr).toContain(id);
  });

  test("that matches all names: only that item is selected, with a warning", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries: libraryOf(iso("*", "star.iso"), iso("other")) });
    const { exitCode, stderr } = await run(["get", "Images/*", "-o", folder]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: 'Warning: "*" is the name of an item: only that item is selected, not all that match\n',
    });
    expect(await filesIn(folder)).toEqual(["star.iso"]);
    const both = await run(["get", "Images/**", "-o", join(folder, "both")]);
    expect(both).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await filesIn(join(folder, "both"))).toHaveLength(2);
  });
});

test("a glob finds items whatever their names, and those whose name cannot name a directory go by their ids", async ({
  simulate,
  folder,
}) => {
  const hostile = ["slash/item", "..", ".", ".hidden", String.raw`back\slash`, "line\nbreak", "CON", "a:b", "dot."];
  const { simulator, run } = await simulate({
    libraries: libraryOf(...["plain", ...hostile].map((name) => iso(name))),
  });
  expect(await run(["get", "Images/*", "-o", folder])).toMatchObject({ exitCode: 0, stderr: "" });
  const { items } = simulator.inventory.library("Images");
  const folders = items.map(({ id, name }) => (name === "plain" ? name : id.replaceAll(/[^\w-]/gu, "_")));
  expect(await filesIn(folder)).toEqual(folders.map((name) => join(name, "a.iso")).toSorted());
  const dry = await run(["get", String.raw`Images/slash\/*`, "Images/.h*", "--dry-run", "--json", "-o", folder]);
  expect(dry.stdout.trimEnd().split("\n")).toHaveLength(2);
});

test("a file with a leading dot is refused by its name, whatever finds it, and can be had under another", async ({
  simulate,
  folder,
}) => {
  const files = [".bash_profile", "shown.iso", "notes.txt"].map((name) => ({ name, sizeBytes: 100 }));
  const { simulator, run } = await simulate({ libraries: libraryOf({ name: "x", files }) });
  for (const target of ["Images/x", "Images/x/*", "Images/x/.bash_profile"]) {
    const { exitCode, stderr } = await run(["get", target, "-o", folder]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Cannot write the file ".bash_profile" that the server names: it begins with a dot');
  }
  expect(await filesIn(folder)).toEqual([]);
  expect(transferred(simulator)).toEqual([]);
  expect(await run(["get", "Images/x/[!.]*", "-o", folder])).toMatchObject({ exitCode: 0 });
  expect(await filesIn(folder)).toEqual(["notes.txt", "shown.iso"]);
  const { exitCode, stdout } = await run(["get", "Images/x/.bash_profile", "-o", "-"]);
  expect({ exitCode, bytes: stdout.length > 0 }).toEqual({ exitCode: 0, bytes: true });
});
