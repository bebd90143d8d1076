import { readFile, symlink, writeFile } from "node:fs/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDirectoryRecord, readSavedItems, recordFiles } from "../../src/sink/directory-record.ts";
import type { SavedFile, SavedItem } from "../../src/sink/directory-record.ts";
import { nameKey, nameProblem } from "@carrel/core/transfer";
import { tempDirectory } from "@carrel/test-kit";

const { signal } = new AbortController();
const digest = { algorithm: "sha256", hex: "0".repeat(64) } as const;
const file: SavedFile = {
  name: "debian.iso",
  contentVersion: "3",
  sizeBytes: 1,
  digest,
  verifiedBy: "checksum",
  verifiedAt: "2026-11-28T03:00:00.000Z",
};
const item: SavedItem = {
  server: "https://vc.example.com",
  id: "1",
  name: "debian-13",
  library: { id: "l", name: "Images" },
  files: [file],
};
const textOf = (items: readonly object[]): string => JSON.stringify({ format: 1, items });

test("parseDirectoryRecord reads what a download wrote", () => {
  expect(parseDirectoryRecord(textOf([item]))).toEqual({ format: 1, items: [item] });
});

test("parseDirectoryRecord returns undefined for any other JSON, and does not throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parseDirectoryRecord(text)).toBeUndefined();
    }),
  );
});

test("parseDirectoryRecord refuses a member of the wrong kind", () => {
  const wrong = fc.constantFrom<unknown>(7.5, -1, {}, [1], true, "x".repeat(3_000), "https://u:p@vc.example.com/?q");
  const ofItem = fc.constantFrom("server", "name", "library", "files");
  const ofFile = fc.constantFrom("name", "sizeBytes", "digest", "verifiedBy", "verifiedAt");
  fc.assert(
    fc.property(ofItem, wrong, (member, value) => {
      fc.pre(member !== "name" || typeof value !== "string" || value.length > 2_048);
      expect(parseDirectoryRecord(textOf([{ ...item, [member]: value }]))).toBeUndefined();
    }),
  );
  fc.assert(
    fc.property(ofFile, wrong, (member, value) => {
      expect(parseDirectoryRecord(textOf([{ ...item, files: [{ ...file, [member]: value }] }]))).toBeUndefined();
    }),
  );
});

test.for(["..", ".", "", "a/b", "..\\b", "/etc", "C:", "a\u0000", ".carrel.json"])(
  "parseDirectoryRecord refuses a name that no download gives to a file: %j",
  (name) => {
    expect(parseDirectoryRecord(textOf([{ ...item, files: [{ ...file, name }] }]))).toBeUndefined();
  },
);

test("parseDirectoryRecord returns names that are safe and differ, whatever it reads", () => {
  const name = fc.oneof(fc.constantFrom("a", "A", "b", "..", "c/d"), fc.string());
  const items = fc.array(fc.array(name, { maxLength: 4 }), { maxLength: 3 });
  fc.assert(
    fc.property(items, (names) => {
      const text = textOf(
        names.map((each, id) => ({ ...item, id: `${id}`, files: each.map((n) => ({ ...file, name: n })) })),
      );
      const all = parseDirectoryRecord(text)?.items.flatMap(({ files }) => files.map((each) => each.name));
      if (all === undefined) return;
      expect(all.filter((each) => nameProblem(each) !== undefined)).toEqual([]);
      expect(new Set(all.map(nameKey)).size).toBe(all.length);
    }),
  );
});

test("parseDirectoryRecord drops members that it does not know", () => {
  const more = { ...item, url: "https://vc/secret", files: [{ ...file, session: "s" }] };
  expect(parseDirectoryRecord(textOf([more]))).toEqual({ format: 1, items: [item] });
});

test("recordFiles keeps what is known of other files and items, and drops a file whose name another one took", async () => {
  await using folder = await tempDirectory();
  const other: SavedItem = { ...item, id: "2", files: [{ ...file, name: "other.iso" }] };
  await recordFiles(folder.path, { ...item, files: [file, { ...file, name: "readme" }] }, signal);
  await recordFiles(folder.path, other, signal);
  const taken: SavedItem = { ...other, files: [{ ...file, name: "DEBIAN.iso", contentVersion: "9" }] };
  await recordFiles(folder.path, taken, signal);
  expect(await readSavedItems(folder.path)).toEqual([
    { ...item, files: [{ ...file, name: "readme" }] },
    { ...other, files: [...other.files, ...taken.files] },
  ]);
});

test("recordFiles of many processes at once loses nothing", async () => {
  await using folder = await tempDirectory();
  const names = Array.from({ length: 8 }, (_, index) => `${index}.iso`);
  await Promise.all(
    names.map((name, id) => recordFiles(folder.path, { ...item, id: `${id}`, files: [{ ...file, name }] }, signal)),
  );
  const items = await readSavedItems(folder.path);
  expect(items.flatMap(({ files }) => files.map(({ name }) => name)).toSorted()).toEqual(names);
});

test.for(["not a record", "{}", '{"format":2,"items":[]}'])(
  "recordFiles leaves what it cannot read: %j",
  async (text) => {
    await using folder = await tempDirectory();
    const path = folder.join(".carrel.json");
    await writeFile(path, text);
    await expect(recordFiles(folder.path, item, signal)).rejects.toMatchObject({ problem: "obstacle" });
    expect(await readFile(path, "utf8")).toBe(text);
    expect(await readSavedItems(folder.path)).toEqual([]);
  },
);

test.skipIf(process.platform === "win32")("a record behind a symbolic link is neither read nor replaced", async () => {
  await using folder = await tempDirectory();
  await writeFile(folder.join("planted"), textOf([item]));
  await symlink(folder.join("planted"), folder.join(".carrel.json"));
  expect(await readSavedItems(folder.path)).toEqual([]);
  await expect(recordFiles(folder.path, item, signal)).rejects.toMatchObject({ problem: "obstacle" });
  expect(await readFile(folder.join("planted"), "utf8")).toBe(textOf([item]));
});
