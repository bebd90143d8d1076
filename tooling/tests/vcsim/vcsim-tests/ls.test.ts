// `carrel ls` against vcsim, which tells no size of an item and no checksum of a file.
import { describe, expect } from "vitest";
import { test } from "./fixture.ts";
import { jsonLines } from "./json-lines.ts";

/** The lines of a listing without its head, in an order of our own: vcsim has none. */
const rows = (stdout: string): readonly string[] => stdout.trimEnd().split("\n").slice(1).toSorted();

describe("libraries", () => {
  test("with what they hold", async ({ content, run }) => {
    const { exitCode, stdout, stderr } = await run(["ls"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^TYPE +ITEMS {2}NAME\n/u);
    expect(rows(stdout)).toEqual([
      expect.stringMatching(/^local +1 {2}Twins$/u),
      expect.stringMatching(/^local +1 {2}Twins$/u),
      expect.stringMatching(/^local +3 {2}Images$/u),
    ]);

    const long = await run(["ls", "-l"]);
    expect(long.stdout).toMatch(/^ID +TYPE +ITEMS +SIZE {2}CHANGED +NAME/u);
    expect(long.stdout).toMatch(new RegExp(`^${content.images.libraryId} {2}local +3 +\\? {2}.*Images`, "mu"));
    for (const { libraryId } of content.twins) expect(long.stdout).toContain(libraryId);
  });

  test("as JSON", async ({ content, run }) => {
    const { exitCode, stdout, stderr } = await run(["ls", "--json"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const found = jsonLines(stdout).map(({ libraryId: id, library: name, libraryType: type, itemCount: count }) => ({
      id,
      name,
      type,
      count,
    }));
    expect(found).toHaveLength(3);
    expect(found).toContainEqual({ id: content.images.libraryId, name: "Images", type: "local", count: 3 });
    for (const line of jsonLines((await run(["ls", "-l", "--json"])).stdout)) {
      expect(line).not.toHaveProperty("sizeBytes");
    }
  });
});

describe("items", () => {
  test("of a library by its name, in whatever case, or its id", async ({ content, run }) => {
    const names = new Set(["nothing", "ubuntu-24", "ubuntu-26"]);
    for (const library of ["Images", "images", content.images.libraryId]) {
      const { exitCode, stdout, stderr } = await run(["ls", library]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(new Set(rows(stdout).map((line) => line.split(" ").at(-1)))).toEqual(names);
      expect(stdout).toMatch(/^ovf +\? +1 {2}yes {5}nothing$/mu);
    }
    const long = await run(["ls", "-l", "Images"]);
    expect(long.stdout).toMatch(new RegExp(`^${content.images.itemId} {2}iso +\\? +1 {2}yes .*ubuntu-26`, "mu"));
  });

  test("as JSON", async ({ content, run }) => {
    const { exitCode, stdout } = await run(["ls", "Images", "--json"]);
    expect(exitCode).toBe(0);
    const found = new Map(jsonLines(stdout).map(({ item, itemId }) => [item, itemId]));
    const items = [content.images, content.older, content.nothing];
    expect(found).toEqual(new Map(items.map(({ item, itemId }) => [item, itemId])));
  });
});

describe("files", () => {
  test("of an item by names or ids", async ({ content, run }) => {
    const { library, libraryId, item, itemId } = content.images;
    for (const path of [`${library}/${item}`, `${library}/${itemId}`, `${libraryId}/${item}`]) {
      const { exitCode, stdout, stderr } = await run(["ls", path]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(rows(stdout)).toEqual([
        expect.stringMatching(/^ *0 B +1 {2}yes {5}empty\.nvram$/u),
        expect.stringMatching(/^ *1\.2 KiB +1 {2}yes {5}small\.txt$/u),
        expect.stringMatching(/^ *4\.8 MiB +1 {2}yes {5}large\.iso$/u),
      ]);
    }
  });

  test("as JSON", async ({ content, run }) => {
    const { stdout } = await run(["ls", "-l", "Images/ubuntu-24", "--json"]);
    const found = jsonLines(stdout).map(({ file: name, sizeBytes }) => ({ name, sizeBytes }));
    expect(found).toEqual(content.older.files.map(({ name, sizeBytes }) => ({ name, sizeBytes })));
  });

  test("of which there are none", async ({ content, run }) => {
    const path = `Images/${content.nothing.item}`;
    expect(await run(["ls", path])).toEqual({ exitCode: 0, stdout: "", stderr: "The item has no files.\n" });
    expect(await run(["ls", path, "--json"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  });
});

describe("names", () => {
  test("that two libraries have is refused with their ids", async ({ content, run }) => {
    const { exitCode, stdout, stderr } = await run(["ls", "Twins"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain('"Twins" is the name of 2 libraries\n');
    for (const { libraryId } of content.twins) {
      expect(stderr).toContain(`\n  ${libraryId}  Twins  (LOCAL)\n`);
      const { stdout: items } = await run(["ls", libraryId]);
      expect(items).toMatch(/ twin$/mu);
    }
  });

  test.for([
    ["Imgaes", 'No library "Imgaes"', 'Did you mean "Images"?'],
    ["elsewhere", 'No library "elsewhere"', "List what exists: carrel ls"],
    ["Images/ubuntu-62", 'No item "ubuntu-62" in library "Images"', 'Did you mean "ubuntu-26" or "ubuntu-24"?'],
    ["Images/zzz", 'No item "zzz" in library "Images"', 'List what exists: carrel ls "Images"'],
    ["Ix*", 'No library matches "Ix*"', "carrel ls"],
    ["Images/xubuntu-*", 'No item of library "Images" matches "xubuntu-*"', "carrel ls"],
  ])("that nothing has: %s", async ([path = "", message = "", hint = ""], { run }) => {
    const { exitCode, stdout, stderr } = await run(["ls", path]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: "" });
    expect(stderr.split("\n")[0]).toBe(`carrel: ${message}`);
    expect(stderr).toContain(hint);
  });
});
