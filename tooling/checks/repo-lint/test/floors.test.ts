import { expect, test } from "vitest";
import { checkFloors } from "../src/check-floors.ts";

const sources = (...entries: readonly (readonly [string, string])[]): ReadonlyMap<string, string> => new Map(entries);

test("imports that run downwards only are fine, and so are generated files and those beside the folders", () => {
  expect(
    checkFloors(
      sources(
        ["packages/core/src/index.ts", 'export * from "./upper/a.ts";'],
        ["packages/core/src/upper/a.ts", 'import { b } from "../lower/b.ts";\nimport "./c.ts";'],
        [
          "packages/core/src/lower/b.ts",
          'import { clock } from "../clock.ts";\nimport type { X } from "../gen/x.gen.ts";',
        ],
        ["packages/core/src/gen/x.gen.ts", 'import type { B } from "../lower/b.ts";'],
      ),
    ),
  ).toEqual([]);
});

test("two folders that import each other are found, on both sides, with the line", () => {
  const findings = checkFloors(
    sources(
      ["apps/cli/src/output/a.ts", '\nimport type { B } from "../settings/b.ts";'],
      ["apps/cli/src/settings/b.ts", 'const late = await import("../output/a.ts");'],
    ),
  );
  expect(findings).toMatchObject([
    { file: "apps/cli/src/output/a.ts", line: 2, rule: "floors" },
    { file: "apps/cli/src/settings/b.ts", line: 1, rule: "floors" },
  ]);
});

test("a circle by way of others is found", () => {
  const findings = checkFloors(
    sources(
      ["packages/rx/src/a/a.ts", 'import "../b/b.ts";'],
      ["packages/rx/src/b/b.ts", 'import "../c/c.ts";'],
      ["packages/rx/src/c/c.ts", 'import "../a/a.ts";'],
    ),
  );
  expect(findings).toHaveLength(3);
});
