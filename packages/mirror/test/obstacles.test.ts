import {
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { expectMirrored, filesIn, imageOf, problemsOf, recordsIn, test, transferred } from "./support/fixture.ts";
import { mirrorLibrary } from "../src/index.ts";

const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.vmdk", "b.vmdk")] }];
const isWindows = process.platform === "win32";

describe("what the mirror did not create", () => {
  test("is not replaced, and the other items are mirrored", async ({ simulate, directory }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mkdir(join(directory, "debian"));
    await writeFile(join(directory, "debian", "debian.iso"), "mine");
    expect(await problemsOf(mirror())).toEqual({ debian: "not-ours" });
    expect((await stat(join(directory, "debian", "debian.iso"))).size).toBe(4);
    expect(await filesIn(join(directory, "ubuntu"))).toEqual(["a.vmdk", "b.vmdk"]);

    await rm(join(directory, "debian", "debian.iso"));
    await mirror();
    await expectMirrored(directory, simulator);
  });

  test("is kept where it is a directory in place of a file", async ({ simulate, directory }) => {
    const { mirror } = await simulate({ libraries });
    await mirror();
    const path = join(directory, "debian", "debian.iso");
    await rm(path);
    await mkdir(path);
    expect(await problemsOf(mirror())).toEqual({ debian: "obstacle" });
    expect((await lstat(path)).isDirectory()).toBe(true);
  });
});

describe("a directory that is not a mirror of the library", () => {
  test("because it mirrors another one is left alone", async ({ simulate, directory }) => {
    const other = { name: "Other", items: [imageOf("other", "other.iso")] };
    const { client, simulator, mirror, libraryId } = await simulate({ libraries: [...libraries, other] });
    await mirror();
    const { id } = simulator.inventory.library("Other");
    await expect(mirrorLibrary(client, id, directory, { delete: true }).report).rejects.toMatchObject({
      problem: "other-library",
      path: join(directory, ".carrel-mirror.json"),
      library: { id: libraryId, name: "Images" },
    });
    await expectMirrored(directory, simulator);
  });

  test.for(["{", "[]", '{"format":3,"library":{"id":"a","name":"b"},"items":[]}'])(
    "because its record is %s is refused",
    async (text, { simulate, directory }) => {
      const { mirror } = await simulate({ libraries });
      const path = join(directory, ".carrel-mirror.json");
      await writeFile(path, text);
      await expect(mirror()).rejects.toMatchObject({ problem: "record", path });
      await expect(mirror({ dryRun: true })).rejects.toMatchObject({ problem: "record", path });
    },
  );
});

describe("an item's directory that is a link", () => {
  test("is neither written nor read through, and nothing is downloaded", async ({ simulate, directory }) => {
    const { client, libraryId, simulator } = await simulate({ libraries });
    const [root, elsewhere] = [join(directory, "mirror"), join(directory, "elsewhere")];
    const mirror = (more = {}): Promise<unknown> => mirrorLibrary(client, libraryId, root, more).report;
    await mirror();
    await rename(join(root, "ubuntu"), elsewhere);
    await symlink(elsewhere, join(root, "ubuntu"), "junction");
    const before = transferred(simulator).length;
    for (const options of [{}, { verify: true }]) {
      expect(await problemsOf(mirrorLibrary(client, libraryId, root, options).report)).toEqual({
        ubuntu: "through-link",
      });
    }
    expect(transferred(simulator)).toHaveLength(before);
    expect(await filesIn(elsewhere)).toEqual(["a.vmdk", "b.vmdk"]);

    simulator.inventory.item("Images/ubuntu").remove();
    expect(await problemsOf(mirrorLibrary(client, libraryId, root, { delete: true }).report)).toEqual({
      ubuntu: "gone-through-link",
    });
    expect(await filesIn(elsewhere)).toEqual(["a.vmdk", "b.vmdk"]);
  });

  test("that was planted before the first run is not followed", async ({ simulate, directory }) => {
    const { client, libraryId } = await simulate({ libraries });
    const [root, elsewhere] = [join(directory, "mirror"), join(directory, "elsewhere")];
    await mkdir(elsewhere);
    await mkdir(root);
    await symlink(elsewhere, join(root, "debian"), "junction");
    expect(await problemsOf(mirrorLibrary(client, libraryId, root).report)).toEqual({ debian: "through-link" });
    expect(await filesIn(elsewhere)).toEqual([]);
  });
});

describe.skipIf(isWindows)("what was planted under the mirror's own names", () => {
  test("is never written or deleted through", async ({ simulate, directory }) => {
    const { client, libraryId, simulator } = await simulate({ libraries });
    const [root, precious] = [join(directory, "mirror"), join(directory, "precious")];
    await mkdir(root);
    await mkdir(precious);
    await writeFile(join(precious, "debian.iso.part"), "precious");
    const { id, contentVersion } = simulator.inventory.item("Images/debian");
    await symlink(join(precious, "debian.iso.part"), join(root, ".carrel-mirror.json.part"));
    await mkdir(join(root, ".carrel-mirror.incoming"));
    const planted = join(root, ".carrel-mirror.incoming", `${id}@${contentVersion}`);
    await symlink(precious, planted);
    expect(await problemsOf(mirrorLibrary(client, libraryId, root).report)).toEqual({ debian: "obstacle" });
    await rm(planted);
    await mirrorLibrary(client, libraryId, root).report;
    expect(await readdir(precious)).toEqual(["debian.iso.part"]);
    expect(await readFile(join(precious, "debian.iso.part"), "utf8")).toBe("precious");
    expect((await lstat(join(root, ".carrel-mirror.json"))).isFile()).toBe(true);
  });

  test.for<[string, (path: string, directory: string) => Promise<unknown>]>([
    ["a link to a device without end", (path) => symlink("/dev/zero", path)],
    ["a link that leads nowhere", (path, directory) => symlink(join(directory, "nothing"), path)],
    ["a directory", (path) => mkdir(path)],
    ["a file without end", (path) => writeFile(path, "").then(() => truncate(path, 2 ** 41))],
  ])("is refused at once: %s in place of the record or the lock", async ([, plant], { simulate, directory }) => {
    const { client, libraryId, simulator } = await simulate({ libraries });
    for (const name of [".carrel-mirror.json", ".carrel-mirror.lock"]) {
      const root = join(directory, name.slice(1));
      await mkdir(root);
      await plant(join(root, name), directory);
      await expect(mirrorLibrary(client, libraryId, root).report).rejects.toMatchObject({ problem: "obstacle" });
      expect(await readdir(root)).toEqual([name]);
    }
    expect(simulator.openSessions).toEqual([]);
  });

  test.runIf(process.geteuid?.() === 0)("is not used where it is another user's", async ({ simulate, directory }) => {
    const { chown, chmod } = await import("node:fs/promises");
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    for (const path of await recordsIn(directory)) {
      for (const change of [() => chown(path, 65_534, 0), () => chmod(path, 0o666)]) {
        await change();
        await expect(mirror()).rejects.toMatchObject({ problem: "record-owner", path });
        await chown(path, 0, 0);
      }
      await chmod(path, 0o644);
    }
    const records = join(directory, ".carrel-mirror.items");
    await chown(records, 65_534, 0);
    await expect(mirror()).rejects.toMatchObject({ problem: "obstacle", path: records });
    await chown(records, 0, 0);
    const incoming = join(directory, ".carrel-mirror.incoming");
    await mkdir(incoming);
    await chown(incoming, 65_534, 0);
    simulator.inventory.item("Images/debian").putFile({ name: "more.iso", sizeBytes: 5 });
    await expect(mirror()).rejects.toMatchObject({ problem: "obstacle", path: incoming });
  });
});

test("drafts of killed runs are deleted, and the times of files say nothing", async ({ simulate, directory }) => {
  const { simulator, mirror } = await simulate({ libraries });
  await writeFile(join(directory, ".carrel-mirror.json.0123abcd.tmp"), "{");
  await mkdir(join(directory, ".carrel-mirror.items"));
  await writeFile(join(directory, ".carrel-mirror.items", "x.json.0123abcd.tmp"), "{");
  await writeFile(join(directory, ".carrel-mirror.lock"), "{");
  const future = new Date(Date.now() + 86_400_000);
  await utimes(join(directory, ".carrel-mirror.lock"), future, future);
  await mirror();
  await expectMirrored(directory, simulator);
  expect((await filesIn(directory)).filter((name) => name.startsWith("."))).toEqual([".carrel-mirror.json"]);
  expect((await stat(join(directory, ".carrel-mirror.json"))).mode & 0o022).toBe(0);
});

test("a run that was killed while it put files in place is completed", async ({ simulate, directory }) => {
  const { simulator, mirror } = await simulate({ libraries });
  await mirror();
  // What such a run leaves: an intention in the record, and one of the new files.
  simulator.inventory.item("Images/ubuntu").putFile({ name: "new.iso", text: "new" });
  const { id } = simulator.inventory.item("Images/ubuntu");
  const path = join(directory, ".carrel-mirror.items", `${id}.json`);
  const record = JSON.parse(await readFile(path, "utf8")) as { item: { files: object[] } };
  const digest = { algorithm: "sha256", hex: "00" };
  const added = { name: "new.iso", sizeBytes: 3, verifiedBy: "length", digest };
  const item = { ...record.item, contentVersion: null, files: [...record.item.files, added] };
  await writeFile(path, JSON.stringify({ ...record, item }));
  await writeFile(join(directory, "ubuntu", "new.iso"), "old");
  expect((await mirror()).counts).toMatchObject({ incomplete: 1, unchanged: 1 });
  await expectMirrored(directory, simulator);
});
