// `carrel info` and `carrel find` against vcsim, which tells no size of an item and no checksum of a file.
import { expect } from "vitest";
import { seedItem } from "../src/index.ts";
import { test } from "./fixture.ts";
import { jsonLines } from "./json-lines.ts";

test("info of a library and of an item say what vcsim knows", async ({ content, run }) => {
  const { images } = content;
  const library = await run(["info", "images", "--json"]);
  expect(library).toMatchObject({ exitCode: 0, stderr: "" });
  expect(jsonLines(library.stdout)).toMatchObject([
    { type: "library", library: "Images", libraryId: images.libraryId, libraryType: "local", itemCount: 3 },
  ]);
  const item = await run(["info", "Images/ubuntu-26", "--json"]);
  expect(item).toMatchObject({ exitCode: 0, stderr: "" });
  expect(jsonLines(item.stdout)).toMatchObject([
    {
      type: "item",
      item: "ubuntu-26",
      itemId: images.itemId,
      itemType: "iso",
      libraryId: images.libraryId,
      contentVersion: 1,
      problems: [],
    },
  ]);
  const [{ files = [] } = {}] = jsonLines(item.stdout) as { files?: readonly { file: string }[] }[];
  expect(new Set(files.map(({ file }) => file))).toEqual(new Set(images.files.map(({ name }) => name)));
});

test("info reads a descriptor, and tells one that is none, under a session that is deleted", async ({
  content,
  run,
  vcsim,
}) => {
  const files = [{ name: "appliance.ovf", sizeBytes: 5_000 }];
  const { itemId } = await seedItem(vcsim, content.images.libraryId, { item: "appliance", type: "ovf", files });
  const { exitCode, stdout } = await run(["info", "Images/appliance", "--json"]);
  expect(exitCode).toBe(0);
  expect(jsonLines(stdout)).toMatchObject([
    { itemId, problems: [{ problem: "unreadable-descriptor", file: "appliance.ovf" }] },
  ]);
  const none = await run(["info", "Images/nothing"]);
  expect(none.stdout).toContain("The item is of type ovf and has no descriptor");
});

test("find finds items in all libraries, and by the server", async ({ content, run }) => {
  const paths = async (...args: readonly string[]): Promise<ReadonlySet<unknown>> => {
    const { exitCode, stdout } = await run(["find", ...args, "--json"]);
    expect(exitCode).toBe(0);
    return new Set(jsonLines(stdout).map(({ path }) => path));
  };
  expect(await paths("UBUNTU")).toEqual(new Set(["Images/ubuntu-26", "Images/ubuntu-24"]));
  expect(await paths("twin", "--exact")).toEqual(new Set(["Twins/twin"]));
  expect(await paths("ubuntu", "--type", "iso", "--library", "images")).toEqual(
    new Set(["Images/ubuntu-26", "Images/ubuntu-24"]),
  );
  expect(await paths("*.iso", "--files")).toEqual(
    new Set(["Images/ubuntu-26/large.iso", "Images/ubuntu-24/ubuntu.iso"]),
  );
  expect(await paths(content.images.itemId)).toEqual(new Set(["Images/ubuntu-26"]));
});
