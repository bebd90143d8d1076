import { lstat, mkdir, readdir, readFile, rm, stat, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";
import { expectMirrored, imageOf } from "./support/mirrored.ts";

const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso")] }];
const isWindows = process.platform === "win32";

test.skipIf(isWindows)(
  "what was planted under mirror's names is never written or deleted through",
  async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const [root, precious] = [join(folder, "mirror"), join(folder, "precious")];
    await mkdir(root);
    await mkdir(precious);
    await writeFile(join(precious, "debian.iso.part"), "precious");
    const { id, contentVersion } = simulator.inventory.item("Images/debian");
    await symlink(join(precious, "debian.iso.part"), join(root, ".carrel-mirror.json.part"));
    await mkdir(join(root, ".carrel-mirror.incoming"));
    await symlink(precious, join(root, ".carrel-mirror.incoming", `${id}@${contentVersion}`));
    const { exitCode, stderr } = await run(["mirror", "Images", root]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("for partial downloads: it is a symbolic link");
    await rm(join(root, ".carrel-mirror.incoming", `${id}@${contentVersion}`));
    expect(await run(["mirror", "Images", root])).toMatchObject({ exitCode: 0 });
    expect(await readdir(precious)).toEqual(["debian.iso.part"]);
    expect(await readFile(join(precious, "debian.iso.part"), "utf8")).toBe("precious");
    expect((await lstat(join(root, ".carrel-mirror.json"))).isFile()).toBe(true);
  },
);

test.skipIf(isWindows).for<[string, (path: string, folder: string) => Promise<unknown>, string]>([
  ["a link to a device without end", (path) => symlink("/dev/zero", path), "is a symbolic link, not a file"],
  [
    "a link that leads nowhere",
    (path, folder) => symlink(join(folder, "nothing"), path),
    "is a symbolic link, not a file",
  ],
  ["a folder", (path) => mkdir(path), "is a directory, not a file"],
  ["a file without end", (path) => writeFile(path, "").then(() => truncate(path, 2 ** 41)), "is larger than"],
])("%s in place of the manifest or the lock is refused at once", async ([, plant, message], { simulate, folder }) => {
  const { simulator, run } = await simulate({ libraries });
  for (const name of [".carrel-mirror.json", ".carrel-mirror.lock"]) {
    const root = join(folder, name.slice(1));
    await mkdir(root);
    await plant(join(root, name), folder);
    const { exitCode, stderr } = await run(["mirror", "Images", root]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(message) as string });
    expect(await readdir(root)).toEqual([name]);
  }
  expect(simulator.openSessions).toEqual([]);
});

test.runIf(process.geteuid?.() === 0)(
  "a manifest or folder of another user is not used",
  async ({ simulate, folder }) => {
    const { chown, chmod } = await import("node:fs/promises");
    const { simulator, run } = await simulate({ libraries });
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0 });
    const path = join(folder, ".carrel-mirror.json");
    for (const change of [() => chown(path, 65_534, 0), () => chmod(path, 0o666)]) {
      await change();
      const { exitCode, stderr } = await run(["mirror", "Images", folder]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain("belongs to another user, or others may write to it");
      await chown(path, 0, 0);
    }
    await chmod(path, 0o644);
    await mkdir(join(folder, ".carrel-mirror.incoming"));
    await chown(join(folder, ".carrel-mirror.incoming"), 65_534, 0);
    simulator.inventory.item("Images/debian").putFile({ name: "more.iso", sizeBytes: 5 });
    const { exitCode, stderr } = await run(["mirror", "Images", folder]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("belongs to another user, or others may write to it");
  },
);

test("drafts of killed runs are removed, and the times of files say nothing", async ({ simulate, folder }) => {
  const { simulator, run } = await simulate({ libraries });
  await writeFile(join(folder, ".carrel-mirror.json.0123abcd.tmp"), "{");
  await writeFile(join(folder, ".carrel-mirror.lock"), "{");
  const future = new Date(Date.now() + 86_400_000);
  await utimes(join(folder, ".carrel-mirror.lock"), future, future);
  expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0 });
  await expectMirrored(folder, simulator);
  expect((await filesIn(folder)).filter((name) => name.startsWith("."))).toEqual([".carrel-mirror.json"]);
  expect((await stat(join(folder, ".carrel-mirror.json"))).mode & 0o022).toBe(0);
});
