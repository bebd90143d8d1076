import { expect, test } from "vitest";
import { checkShortFiles } from "../src/measure-files.ts";

const files = (short: number, long: number, folder = "packages/core"): ReadonlyMap<string, string> =>
  new Map([
    ...Array.from({ length: short }, (_, index) => [`${folder}/src/s${index}.ts`, "1\n".repeat(20)] as const),
    ...Array.from({ length: long }, (_, index) => [`${folder}/src/l${index}.ts`, "1\n".repeat(21)] as const),
  ]);

test("checkShortFiles accepts three short files, or one in ten", () => {
  expect(checkShortFiles(files(3, 0))).toEqual([]);
  expect(checkShortFiles(files(10, 90))).toEqual([]);
});

test("checkShortFiles finds a package with more, and names the files", () => {
  expect(checkShortFiles(files(4, 10))).toEqual([
    expect.objectContaining({
      file: "packages/core",
      rule: "short-files",
      message: expect.stringMatching(
        /^4 of 14 source files have at most 20 lines: packages\/core\/src\/s0\.ts, /,
      ) as string,
    }),
  ]);
});

test("checkShortFiles ignores tooling", () => {
  expect(checkShortFiles(files(9, 0, "tooling/tests/kit"))).toEqual([]);
});
