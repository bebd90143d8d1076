import { mkdir, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";
import { eventsOf, imageOf, transferred } from "./support/mirrored.ts";

const libraries = [{ name: "Images", items: [imageOf("ubuntu", "a.vmdk", "b.vmdk"), imageOf("debian", "debian.iso")] }];

describe("an item's folder that was moved and is a link now", () => {
  test("is neither written nor read through, and nothing is downloaded", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const [root, elsewhere] = [join(folder, "mirror"), join(folder, "elsewhere")];
    expect(await run(["mirror", "Images", root])).toMatchObject({ exitCode: 0 });
    await rename(join(root, "ubuntu"), elsewhere);
    await symlink(elsewhere, join(root, "ubuntu"), "junction");
    const before = transferred(simulator).length;
    for (const more of [[], ["--verify"], ["--dry-run"]]) {
      const { exitCode, stderr } = await run(["mirror", "Images", root, ...more]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain("a symbolic link with that name exists");
      expect(stderr).toContain(", and links are not followed");
    }
    expect(transferred(simulator)).toHaveLength(before);
    expect(await filesIn(elsewhere)).toEqual(["a.vmdk", "b.vmdk"]);

    simulator.inventory.item("Images/ubuntu").remove();
    const { exitCode, stderr } = await run(["mirror", "Images", root, "--delete"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("Nothing was deleted.");
    expect(await filesIn(elsewhere)).toEqual(["a.vmdk", "b.vmdk"]);
  });
});

test("a folder where a file belongs is called one", async ({ simulate, folder }) => {
  const { run } = await simulate({ libraries });
  expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0 });
  const path = join(folder, "debian", "debian.iso");
  await rm(path);
  await mkdir(path);
  const { exitCode, stderr } = await run(["mirror", "Images", folder]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`Cannot replace "${path}" with a file of the item: it is a directory`);
});

test("files that an item has no more are told, by --dry-run before they are", async ({ simulate, folder }) => {
  const { simulator, run } = await simulate({ libraries });
  expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0 });
  simulator.inventory.item("Images/ubuntu").removeFile("a.vmdk");
  const dry = await run(["mirror", "Images", folder, "--delete", "--dry-run", "--json"]);
  expect(eventsOf(dry.stdout)).toContainEqual(
    expect.objectContaining({ type: "planned", action: "delete", item: "ubuntu", file: "a.vmdk", sizeBytes: 40_000 }),
  );
  const { stdout } = await run(["mirror", "Images", folder, "--delete", "--json"]);
  expect(eventsOf(stdout)).toContainEqual(
    expect.objectContaining({ type: "deleted", item: "ubuntu", file: "a.vmdk", sizeBytes: 40_000 }),
  );
  expect(await filesIn(join(folder, "ubuntu"))).toEqual(["b.vmdk"]);
});
