import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { matchesName } from "../../src/files/matches-name.ts";

test.each([
  ["slash/item", "*", true],
  ["slash/item", "slash*item", true],
  ["slash/item", "slash/*", true],
  ["slash/item", "slash?item", true],
  ["..", "*", true],
  ["..", "?[.]", true],
  [".", "?", true],
  [".hidden", "*", true],
  [".hidden", "*den", true],
  [".hidden", "{.h,x}*", true],
  [".hidden", "[!a]*", true],
  ["../../etc/passwd", "**", true],
  [String.raw`back\slash`, String.raw`back\*`, true],
  [String.raw`back\slash`, "back/slash", false],
  ["line\nbreak", "*", true],
  ["#item", "#*", true],
  ["!item", "!*", true],
  ["Debian [LTS]", "Debian [LTS]", true],
  ["Debian [LTS]", "Debian [[]LTS]", true],
  ["Debian L", "Debian [LTS]", true],
  ["{a,b}", "{a,b}", true],
  ["disk-0.vmdk", "*.{vmdk,iso}", true],
  ["disk-0.vmdk", "disk", false],
  ["disk-0.vmdk", "*.iso", false],
  ["disk-10.vmdk", "disk-?.vmdk", false],
] as const)("%j by %j: %s", (name, glob, matches) => expect(matchesName(name, glob)).toBe(matches));

const special = fc.constantFrom(
  "/",
  "\\",
  ".",
  "..",
  "[",
  "]",
  "{",
  "}",
  "*",
  "?",
  "!",
  "(",
  ")",
  "|",
  "+",
  "@",
  "#",
  "-",
  ",",
  "~",
);
const anyName = fc
  .array(fc.oneof(special, fc.string({ unit: "grapheme", minLength: 1, maxLength: 3 }), fc.constantFrom("a", "b")), {
    minLength: 1,
    maxLength: 8,
  })
  .map((parts) => parts.join(""));

test("matchesName matches every name with itself and with *", () => {
  fc.assert(
    fc.property(anyName, (name) => matchesName(name, name) && matchesName(name, "*")),
    { numRuns: 2_000 },
  );
});

test("matchesName matches a name of which * replaces any part", () => {
  const plain = fc.string({ unit: fc.constantFrom(...Array.from("ab./\\-_ #~")), maxLength: 6 });
  fc.assert(
    fc.property(plain, anyName, plain, (before, between, after) =>
      matchesName(before + between + after, `${before}*${after}`),
    ),
    { numRuns: 2_000 },
  );
});

test("matchesName agrees with bash on words that are not paths", () => {
  const names = fc.string({ unit: fc.constantFrom(...Array.from("ab./")), minLength: 1, maxLength: 6 });
  const pieces = fc.constantFrom("a", "b", ".", "/", "*", "?", "[ab]", "[!ab]", "[a/]", "[!.]", "**");
  const globs = fc.array(pieces, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(""));
  const pairs = fc.sample(fc.tuple(names, globs), { numRuns: 3_000, seed: 7 });
  const script = 'while read -r -d "" name && read -r -d "" glob; do [[ $name == $glob ]] && echo 1 || echo 0; done';
  const input = pairs.map((pair) => pair.map((text) => `${text}\0`).join("")).join("");
  const bash = spawnSync("bash", ["-c", script], { input, encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
  const expected = bash.stdout.trimEnd().split("\n");
  expect(expected.filter((answer) => answer === "1").length).toBeGreaterThan(100);
  const differing = pairs.filter(([name, glob], index) => matchesName(name, glob) !== (expected[index] === "1"));
  expect(differing).toEqual([]);
});
