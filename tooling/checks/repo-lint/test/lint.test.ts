import { describe, expect, test } from "vitest";
import { formatFinding } from "../src/finding.ts";
import { lint } from "../src/lint.ts";
import { makeTree, manifest, oxlintConfig } from "./support/tree.ts";

const CORE = {
  "packages/core/package.json": manifest("@carrel/core", { ".": "", "./operations": "", "./package.json": "" }),
  "packages/core/src/index.ts": `import ky from "ky";\nexport { ky };\n`,
};
const BOTH = {
  ".oxlintrc.json": oxlintConfig("packages/core", "packages/rx"),
  ...CORE,
  "packages/rx/package.json": manifest("@carrel/rx", { ".": "" }),
};

// Not written out in the fixtures below, or this file would be found fault with itself.
const DEEP = "@carrel/core/dist/clock.js";
const OUTSIDE = "../../../core/src/index.ts";
const BESIDE = "../../../rx2/b.ts";

async function lintTree(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  await using tree = await makeTree(files);
  const { findings } = await lint(tree.root);
  return findings.map(formatFinding);
}

describe("workflows", () => {
  const commit = "0123456789abcdef0123456789abcdef01234567";
  const workflow = (uses: string): Readonly<Record<string, string>> => ({
    ...BOTH,
    ".github/workflows/ci.yml": `jobs:\n  a:\n    steps:\n      - uses: ${uses}\n      - run: true\n`,
  });

  test.each([`owner/name@${commit} # v1.2.3`, `"owner/name/sub@${commit}" # v1.2.3`, "./.github/actions/own"])(
    "%s is fine",
    async (uses) => {
      expect(await lintTree(workflow(uses))).toEqual([]);
    },
  );

  test.each([
    "owner/name@v1",
    "owner/name@v1.2.3",
    "owner/name@main",
    `owner/name@${commit}`,
    `owner/name@${commit.slice(1)} # v1.2.3`,
  ])("%s is found", async (uses) => {
    expect(await lintTree(workflow(uses))).toEqual([
      expect.stringMatching(/^\.github\/workflows\/ci\.yml:4: workflow-pins: The action owner\/name@\S+ is not pinned/),
    ]);
  });
});

describe("imports", () => {
  test("by a package's entries and within a package are fine", async () => {
    const files = {
      ...BOTH,
      "packages/rx/src/a.ts": `import { x } from "@carrel/core";\nimport { y } from "@carrel/core/operations";\n`,
      "packages/rx/src/deep/b.ts": `import "../a.ts";\nexport * from "./c.ts";\n`,
      "packages/rx/test/b.test.ts": `import "../src/a.ts";\nimport data from "../package.json" with { type: "json" };\n`,
    };
    expect(await lintTree(files)).toEqual([]);
  });

  test.each([
    [`import { x } from "${DEEP}";`],
    [`export * from '${DEEP}';`],
    [`const x = await import("${DEEP}");`],
    [`type X = import("${DEEP}").X;`],
    [`import "${DEEP}";`],
  ])("past an exports map are found: %s", async (line) => {
    const files = { ...BOTH, "packages/rx/test/a.test.ts": `// A test.\n\n${line}\n` };
    expect(await lintTree(files)).toEqual([
      `packages/rx/test/a.test.ts:3: exports-map: "@carrel/core/dist/clock.js" goes past the exports map of @carrel/core. ` +
        "Mend: import . or ./operations of it, or export there what you need.",
    ]);
  });

  test("that leave the package by a relative path are found", async () => {
    const files = {
      ...BOTH,
      "packages/rx/src/deep/a.ts": `import "${OUTSIDE}";\nimport "${BESIDE}";`,
    };
    expect(await lintTree(files)).toEqual([
      expect.stringContaining(
        `packages/rx/src/deep/a.ts:1: own-package: "../../../core/src/index.ts" leaves packages/rx.`,
      ),
      expect.stringContaining(`packages/rx/src/deep/a.ts:2: own-package: "../../../rx2/b.ts" leaves packages/rx.`),
    ]);
  });

  test("of what is built or installed are not looked at", async () => {
    const bad = `import "${OUTSIDE}";`;
    const files = { ...BOTH, "packages/rx/dist/a.ts": bad, "packages/rx/node_modules/x/a.ts": bad };
    expect(await lintTree(files)).toEqual([]);
  });
});

describe("the import table", () => {
  test("needs an entry for each package and app, and none for tooling", async () => {
    const files = {
      ...CORE,
      ".oxlintrc.json": oxlintConfig("packages/core"),
      "apps/desk/package.json": manifest("desk"),
      "tooling/bench/package.json": manifest("bench"),
    };
    expect(await lintTree(files)).toEqual([
      `.oxlintrc.json:1: import-table: No override of "no-restricted-imports" for "apps/desk/src/**", so it may import ` +
        "anything. Mend: add one that allows what the table in ARCHITECTURE.md allows.",
    ]);
  });

  test("has no entry for a package that is gone", async () => {
    const files = { ...CORE, ".oxlintrc.json": oxlintConfig("packages/core", "packages/old") };
    expect(await lintTree(files)).toEqual([
      expect.stringContaining(
        `.oxlintrc.json:13: import-table: The override for "packages/old/src/**" speaks of no package.`,
      ),
    ]);
  });
});

test("lengths are those of hand-written sources", async () => {
  await using tree = await makeTree({
    ".oxlintrc.json": oxlintConfig("packages/core"),
    "packages/core/package.json": manifest("@carrel/core"),
    "packages/core/src/one.ts": "1\n",
    "packages/core/src/four.ts": "1\n2\n3\n4\n",
    "packages/core/src/gen/face.gen.ts": "1\n".repeat(900),
    "packages/core/test/long.test.ts": "1\n".repeat(900),
  });
  expect((await lint(tree.root)).lengths).toEqual({
    files: 2,
    median: 2.5,
    longest: { file: "packages/core/src/four.ts", lines: 4 },
  });
});
