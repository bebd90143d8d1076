import { readdir, writeFile } from "node:fs/promises";
import { posix, win32 } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { assertSafeNames, nameProblem, quote } from "@carrel/core/transfer";
import { partialEnding, partialSuffixes } from "../../src/sink/file-paths.ts";
import { tempDirectory, tries } from "@carrel/test-kit";

const hostile = [
  "",
  ".",
  "..",
  ".bash_profile",
  "...x",
  "../escaped.iso",
  "..\\escaped.iso",
  "/etc/passwd",
  "a/b",
  "a\\b",
  "C:",
  "C:\\x",
  "c:x",
  "\\\\host\\share",
  "a\0b",
  "a\nb",
  "a\u001Bb",
  "a\u007Fb",
  "a\u0085b",
  "stream.iso:alternate",
  "CON",
  "con.iso",
  "NUL.tar.gz",
  "com1",
  "LPT9.txt",
  "COM\u00B2",
  "aux .txt",
  "CONIN$",
  "name.",
  "name ",
  " name",
  "what?.iso",
  "*.iso",
  "a|b",
  '"a"',
  "<a>",
  "\uD800",
  "invoice\u202Egpj.exe",
  "a\u2028b",
  "x".repeat(241),
  "é".repeat(121),
];

test.each(hostile)("nameProblem refuses the name %j", (name) => {
  expect(nameProblem(name)).toBeTypeOf("string");
  expect(() => assertSafeNames([name])).toThrow(/^Cannot write the file "[^]*" that the server names: it /);
});

test.each([
  "disk-0.vmdk",
  "debian-13.iso",
  "._disk-0.vmdk",
  ".DS_Store",
  "console.txt",
  "com10",
  "Größe (2).ova",
  "日本.iso",
  "a b.mf",
  "x".repeat(240),
])("nameProblem accepts the name %j", (name) => expect(nameProblem(name)).toBeUndefined());

const pieces = fc.oneof(
  fc.constantFrom(
    "..",
    ".",
    "/",
    "\\",
    ":",
    "\0",
    "C:",
    "CON",
    "nul",
    " ",
    "~",
    "%2e%2e%2f",
    "\u202E",
    "a",
    "ß",
    "\uD83D",
  ),
  fc.string({ unit: "grapheme", maxLength: 4 }),
  fc.string({ unit: "binary", maxLength: 3 }),
);
const names = fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join(""));

test("nameProblem accepts no name that leads out of the directory, on any system", () => {
  fc.assert(
    fc.property(names, (name) => {
      if (nameProblem(name) !== undefined) return;
      for (const path of [posix, win32]) {
        const folder = path.resolve(path === posix ? "/srv/out" : "D:\\out");
        const target = path.resolve(folder, name);
        expect(path.dirname(target)).toBe(folder);
        expect(path.basename(target)).toBe(name);
        expect(path.join(folder, name)).toBe(target);
        expect(path.isAbsolute(name)).toBe(false);
      }
    }),
    { numRuns: tries(1_000, 20_000) },
  );
});

test("nameProblem accepts only names that a file of the directory can have exactly", async () => {
  await fc.assert(
    fc.asyncProperty(names, async (name) => {
      if (nameProblem(name) !== undefined) return;
      await using folder = await tempDirectory();
      await writeFile(`${folder.path}/${name}`, "x");
      expect(await readdir(folder.path)).toEqual([name]);
    }),
    { numRuns: 300 },
  );
});

test.each([
  ["Disk.vmdk", "disk.VMDK"],
  ["\u00E9.iso", "e\u0301.iso"],
  ["STRASSE.iso", "straße.iso"],
  ["a", "a"],
])("assertSafeNames refuses %j beside %j", (one, other) => {
  expect(() => assertSafeNames([one, "between", other])).toThrow(/: some file systems treat the two names as one$/);
});

test("assertSafeNames refuses a file with the name that another has while it is incomplete", () => {
  expect(() => assertSafeNames(["disk", "disk.PART"], partialEnding)).toThrow(
    / uses that name while it is incomplete$/,
  );
  expect(() => assertSafeNames(["disk.part", "other", "disk.part.iso"], partialEnding)).not.toThrow();
  for (const end of [".part.json", ".part.lock", ".part.lock.new", ".0123abcd.part", ".0123abcd.TMP"]) {
    expect(() => assertSafeNames([`disk${end}`, "disk"], partialEnding)).toThrow(
      / uses that name while it is incomplete$/,
    );
  }
  // Every name that is appended is among them.
  for (const suffix of partialSuffixes) expect(`disk${suffix}`.replace(partialEnding, "")).toBe("disk");
});

test("quote shows a name without letting it act on a terminal", () => {
  expect(quote("a\u001B[2Jb\u202E")).toBe(String.raw`"a\u001b[2Jb\u{202e}"`);
  expect(quote("x".repeat(5_000)).length).toBeLessThan(110);
});
