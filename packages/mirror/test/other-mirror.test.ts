// A directory belongs to one mirror, under each of its names, and so does all that is in it.
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import process from "node:process";
import { mirrorLibrary } from "@carrel/mirror";
import { expect } from "vitest";
import { filesIn, imageOf, test } from "./support/fixture.ts";

const libraries = [
  { name: "Images", items: [imageOf("debian", "debian.iso")] },
  { name: "Templates", items: [imageOf("photon", "photon.ovf")] },
];

test("mirrorLibrary refuses the directory of another mirror through a link and by another spelling, and what is inside it", async ({
  simulate,
  directory,
}) => {
  const { simulator, client } = await simulate({ libraries });
  const { id } = simulator.inventory.library("Templates");
  const run = (target: string): Promise<unknown> => mirrorLibrary(client, id, target).report;
  const root = join(directory, "images");
  await mirrorLibrary(client, simulator.inventory.library("Images").id, root).report;
  const before = await filesIn(root);
  await symlink(root, join(directory, "link"), "junction");
  for (const target of [join(directory, "link"), `${root}/../images/`, relative(process.cwd(), root)]) {
    await expect(run(target)).rejects.toMatchObject({ problem: "other-library", library: { name: "Images" } });
  }
  for (const target of [join(root, "a", "b"), join(root, "debian"), join(directory, "link", "a")]) {
    await expect(run(target)).rejects.toMatchObject({
      problem: "inside-other",
      message: `Cannot mirror to "${target}": it is inside "${root}", which is a mirror of library "Images"`,
    });
  }
  expect(await filesIn(root)).toEqual(before);
});

test("mirrorLibrary refuses a directory inside a published library, and not one beside a lib.json of something else", async ({
  simulate,
  directory,
}) => {
  const { client, libraryId } = await simulate({ libraries });
  const lib = join(directory, "lib.json");
  await writeFile(lib, JSON.stringify({ compilerOptions: {} }));
  await mirrorLibrary(client, libraryId, join(directory, "one")).report;
  const id = "urn:uuid:7bda916c-dc42-4745-8786-b527dc73e17f";
  const library = {
    vcspVersion: "2",
    version: "1",
    contentVersion: "1",
    name: "Lab",
    id,
    created: "2026-11-28T12:00Z",
  };
  await writeFile(lib, JSON.stringify({ ...library, itemsHref: "items.json" }));
  await writeFile(join(directory, "items.json"), JSON.stringify({ items: [] }));
  const target = join(directory, "two", "three");
  await mkdir(join(directory, "two"));
  await expect(mirrorLibrary(client, libraryId, target).report).rejects.toMatchObject({
    problem: "inside-other",
    message: `Cannot mirror to "${target}": it is inside "${directory}", where library "Lab" is published`,
  });
  expect(await readdir(join(directory, "two"))).toEqual([]);
});
