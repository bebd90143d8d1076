import { expect, test } from "vitest";
import { checkWords, hasProse, phrases } from "../src/check-words.ts";

test.each([
  "/** A file is told by its name. */",
  "// The transfer goes on.",
  'throw new Error("this is no directory");',
  "/** What is in the way of a file. */",
  "Run it anew",
])("checkWords finds %s", (line) => {
  expect(checkWords("packages/core/src/a.ts", `\n${line}\n`)).toMatchObject([{ line: 2, rule: "words" }]);
});

test.each([
  "// There is no directory.",
  "/** Works in the way that the vendor documents. */",
  "// It is no longer open.",
  "Run `go mod tidy`",
  "// Two errors are told apart by their code.",
])("checkWords accepts %s", (line) => {
  expect(checkWords("packages/core/src/a.ts", line)).toEqual([]);
});

test("checkWords looks only at the names of tests in tests", () => {
  const text = 'const told = 1;\n// anew\ntest("a name is told", () => {});\n])("resumes anew: %s", () => {});\n';
  expect(checkWords("packages/core/test/a.test.ts", text)).toMatchObject([{ line: 3 }, { line: 4 }]);
});

test.each([
  ["packages/core/src/a.ts", true],
  ["apps/cli/README.md", true],
  ["packages/core/spec/api.yaml", true],
  [".changeset/first-core.md", true],
  ["README.md", true],
  ["packages/core/src/gen/face.gen.ts", false],
  ["packages/core/CHANGELOG.md", false],
  ["pnpm-lock.yaml", false],
  ["packages/core/package.json", false],
])("hasProse(%j) is %s", (file, expected) => {
  expect(hasProse(file)).toBe(expected);
});

test("every phrase has something to write in its place", () => {
  expect(phrases.filter(({ instead }) => instead === "")).toEqual([]);
});
