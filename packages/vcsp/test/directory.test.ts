import { cp, mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hexDigest, StrictSubscriber, tempDirectory } from "@carrel/test-kit";
import { expect, test } from "vitest";
import { DirectoryContent, DirectoryPlace, publishLibrary } from "../src/index.ts";
import type { DirectoryContentOptions, PublishReport } from "../src/index.ts";

const vapp = `<Envelope><VirtualSystemCollection id="a"><VirtualSystem id="b"/></VirtualSystemCollection></Envelope>`;

async function publish(directory: string, options: DirectoryContentOptions = {}): Promise<PublishReport> {
  await using content = await DirectoryContent.list(directory, options);
  const report = await publishLibrary(new DirectoryPlace(directory), content.items, { name: "Images" });
  await content.save();
  return report;
}

function subscribe(directory: string): StrictSubscriber {
  return new StrictSubscriber((href) => readFile(join(directory, decodeURIComponent(href))).catch(() => undefined));
}

async function put(directory: string, path: string, text: string): Promise<void> {
  await mkdir(join(directory, path, ".."), { recursive: true });
  await writeFile(join(directory, path), text);
}

test("a directory of directories is published, and only what changed is written the next time", async () => {
  await using folder = await tempDirectory();
  const { path: directory } = folder;
  await put(directory, "vapp/a.ovf", vapp);
  await put(directory, "Größe 1+1/disk.iso", "iso");
  const subscriber = subscribe(directory);
  expect(await publish(directory)).toMatchObject({
    isChanged: true,
    library: { name: "Images", version: 1 },
    items: [{ name: "Größe 1+1", change: "added" }, { name: "vapp" }],
  });
  expect(await subscriber.sync()).toBe(true);
  expect([...subscriber.items.values()].map(({ name, type }) => [name, type])).toEqual([
    ["Größe 1+1", "vcsp.iso"],
    ["vapp", "vcsp.ovf"],
  ]);
  expect(await readFile(join(directory, "vapp/item.json"), "utf8")).toContain(String.raw`\"isVappTemplate\":\"true\"`);
  expect((await stat(join(directory, "lib.json"))).mode & 0o777).toBe(0o644);
  const before = await stat(join(directory, "items.json"));
  expect(await publish(directory)).toMatchObject({ isChanged: false, library: { version: 1 } });
  expect((await stat(join(directory, "items.json"))).mtimeMs).toBe(before.mtimeMs);
  await put(directory, "Größe 1+1/disk.iso", "new");
  expect(await publish(directory)).toMatchObject({
    library: { version: 2 },
    items: [
      { change: "changed", version: 2 },
      { change: "unchanged", version: 1 },
    ],
  });
  await rm(join(directory, "vapp"), { recursive: true });
  await subscriber.sync();
  expect(await publish(directory)).toMatchObject({ library: { version: 3 }, items: [{}, { change: "removed" }] });
  await subscriber.sync();
  expect([...subscriber.items.values()].map(({ version }) => version)).toEqual([2]);
  expect((await readdir(directory)).toSorted()).toEqual(["Größe 1+1", "items.json", "lib.json"]);
});

test("a file that was replaced by an older one of the same length has changed, although its time went back", async () => {
  await using folder = await tempDirectory();
  const { path: directory } = folder;
  await put(directory, "a/a.iso", "one");
  const past = new Date(Date.now() - 3_600_000);
  await utimes(join(directory, "a/a.iso"), past, past);
  await publish(directory);
  await put(directory, "a/a.iso", "two");
  const older = new Date(past.getTime() - 3_600_000);
  await utimes(join(directory, "a/a.iso"), older, older);
  expect(await publish(directory)).toMatchObject({ items: [{ change: "changed", version: 2 }] });
  expect(await publish(directory)).toMatchObject({ isChanged: false });
});

test("a file is read once, and again only where it may have changed", async () => {
  await using folder = await tempDirectory();
  const { path: directory } = folder;
  const file = join(directory, "a/a.iso");
  await put(directory, "a/a.iso", "one");
  const past = new Date(Date.now() - 3_600_000);
  await utimes(file, past, past);
  await publish(directory);
  await using content = await DirectoryContent.list(directory);
  expect(content.items[0]?.files[0]?.digest).toEqual({ algorithm: "sha256", hex: hexDigest("sha256", "one") });
  await put(directory, "b/moved.iso", "two");
  await utimes(join(directory, "b/moved.iso"), past, past);
  await rename(join(directory, "b/moved.iso"), file);
  await using moved = await DirectoryContent.list(directory);
  expect(moved.items[0]?.files[0]).not.toHaveProperty("digest");
  expect(await publish(directory)).toMatchObject({ items: [{ change: "changed", version: 2 }] });
  await writeFile(join(directory, ".carrel-digests.json"), "damaged");
  expect(await publish(directory)).toMatchObject({ isChanged: false });
});

test("a directory that was renamed keeps its id, and a copy gets one of its own", async () => {
  await using folder = await tempDirectory();
  const { path: directory } = folder;
  await put(directory, "a/a.iso", "iso");
  const first = await publish(directory);
  await rename(join(directory, "a"), join(directory, "b"));
  await cp(join(directory, "b"), join(directory, "c"), { recursive: true });
  const second = await publish(directory);
  const subscriber = subscribe(directory);
  await subscriber.sync();
  expect(second.items).toMatchObject([
    { name: "b", id: first.items[0]?.id, version: 2 },
    { name: "c", version: 1 },
  ]);
  expect(subscriber.items.size).toBe(2);
});

test("each ISO is an item of its own where that is wanted", async () => {
  await using folder = await tempDirectory();
  const { path: directory } = folder;
  await put(directory, "isos/debian 13.iso", "one");
  await put(directory, "isos/ubuntu.ISO", "two");
  await put(directory, "mixed/a.iso", "three");
  await put(directory, "mixed/readme.txt", "four");
  const report = await publish(directory, { isoItems: true });
  expect(report.items.map(({ name, directory: at }) => [name, at])).toEqual([
    ["debian 13", "isos/debian 13"],
    ["ubuntu", "isos/ubuntu"],
    ["mixed", "mixed"],
  ]);
  expect(await publish(directory, { isoItems: true })).toMatchObject({ isChanged: false });
  const subscriber = subscribe(directory);
  await subscriber.sync();
  expect(subscriber.items.size).toBe(3);
});

test("a name that is too long for a library is shortened, and never in the middle of a character", async () => {
  await using folder = await tempDirectory();
  const { path: directory } = folder;
  await put(directory, `${"x".repeat(78)}😀😀/a.iso`, "one");
  await put(directory, `${"y".repeat(80)}/a.iso`, "two");
  const { items } = await publish(directory);
  expect(items.map(({ name }) => name)).toEqual([`${"x".repeat(78)}…`, "y".repeat(80)]);
  await subscribe(directory).sync();
});

test("links, hidden files, nested directories and files beside the items are left out, and named", async () => {
  await using folder = await tempDirectory();
  const { path: directory } = folder;
  await put(directory, "a/a.iso", "iso");
  await put(directory, "a/.part", "x");
  await put(directory, "a/nested/b.iso", "x");
  await put(directory, "readme.txt", "x");
  await put(directory, ".carrel/record", "x");
  await symlink("/etc/passwd", join(directory, "a/passwd"));
  await symlink("/etc", join(directory, "etc"));
  await mkdir(join(directory, "empty"));
  await using content = await DirectoryContent.list(directory);
  expect(content.items.map(({ files }) => files.map(({ path }) => path))).toEqual([["a/a.iso"]]);
  expect(content.leftOut.toSorted((one, other) => (one.path < other.path ? -1 : 1))).toEqual([
    { path: "a/.part", reason: "hidden" },
    { path: "a/nested", reason: "nested" },
    { path: "a/passwd", reason: "link" },
    { path: "etc", reason: "link" },
    { path: "readme.txt", reason: "not-in-item" },
  ]);
});

test("a file that changes while it is read is not published", async () => {
  await using folder = await tempDirectory();
  const { path: directory } = folder;
  await put(directory, "a/a.iso", "iso");
  await using content = await DirectoryContent.list(directory);
  await put(directory, "a/a.iso", "longer");
  const place = new DirectoryPlace(directory);
  await expect(publishLibrary(place, content.items)).rejects.toMatchObject({ problem: "changed", path: "a/a.iso" });
  expect(await readdir(directory)).toEqual(["a"]);
});
