import { describe, expect, test } from "vitest";
import { formatFinding } from "../src/finding.ts";
import { lint } from "../src/lint.ts";
import { architecture, makeTree, manifest } from "./support/tree.ts";

const CORE = {
  "packages/core/package.json": manifest("@carrel/core", { ".": "", "./operations": "", "./package.json": "" }),
  "packages/core/src/index.ts": `import ky from "ky";\nexport { ky };\n`,
};
const BOTH = {
  "ARCHITECTURE.md": architecture({ "packages/core": "ky", "packages/rx": "core (operations)" }),
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
      `packages/rx/test/a.test.ts:3: exports-map: "@carrel/core/dist/clock.js" is not in the exports map of @carrel/core. ` +
        "Fix: import . or ./operations of it, or export what you need there.",
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
  test("needs a row for each package", async () => {
    const files = {
      ...CORE,
      "ARCHITECTURE.md": architecture({ "packages/core": "ky" }),
      "apps/desk/package.json": manifest("desk"),
    };
    expect(await lintTree(files)).toEqual([
      "ARCHITECTURE.md:1: import-table: The import table has no row for apps/desk. Fix: add one with what it may import.",
    ]);
  });

  test("has no row for a package that does not exist", async () => {
    const files = { ...CORE, "ARCHITECTURE.md": architecture({ "packages/core": "ky", "packages/old": "core" }) };
    expect(await lintTree(files)).toEqual([
      expect.stringContaining("ARCHITECTURE.md:4: import-table: The import table has a row for packages/old"),
    ]);
  });

  test.each([
    ["ky", true],
    ["ky/deep.js", true],
    ["kyx", false],
    ["rxjs", false],
    ["node:fs", false],
    ["@carrel/rx", false],
  ])("packages: %s is allowed by the row: %s", async (specifier, allowed) => {
    const files = { ...BOTH, "packages/core/src/a.ts": `\nexport type X = import("${specifier}").X;\n` };
    const found = [
      expect.stringMatching(/^packages\/core\/src\/a\.ts:2: import-table: packages\/core may not import /),
    ];
    expect(await lintTree(files)).toEqual(allowed ? [] : found);
  });

  test("entries of a package are allowed one by one, and modules of Node by node:", async () => {
    const files = {
      ...BOTH,
      "ARCHITECTURE.md": architecture({ "packages/core": "ky", "packages/rx": "core, node:" }),
      "packages/rx/src/a.ts": `import "node:fs/promises";\nimport "@carrel/core";\nimport "@carrel/core/operations";\n`,
    };
    expect(await lintTree(files)).toEqual([
      expect.stringContaining(
        'packages/rx/src/a.ts:3: import-table: packages/rx may not import "@carrel/core/operations"',
      ),
    ]);
  });

  test("a package that is called like a module of a stranger may import that module", async () => {
    const files = {
      ...CORE,
      "ARCHITECTURE.md": architecture({ "packages/core": "ky", "packages/react": "core, react" }),
      "packages/react/package.json": manifest("@carrel/react"),
      "packages/react/src/a.ts": `import "react";\nimport "@carrel/core";\nimport "react-dom";\n`,
    };
    expect(await lintTree(files)).toEqual([
      expect.stringContaining('packages/react/src/a.ts:3: import-table: packages/react may not import "react-dom"'),
    ]);
  });

  test("tests of packages may import anything, and tooling only the packages of its row", async () => {
    const table = { "packages/core": "ky", "packages/rx": "core (operations)", "tooling/bench": "core" };
    const files = {
      ...BOTH,
      "ARCHITECTURE.md": architecture(table),
      "tooling/bench/package.json": manifest("@carrel/bench"),
      "packages/core/test/a.test.ts": `import "node:fs";\nimport "vitest";\nimport "@carrel/rx";\n`,
      "tooling/bench/a.ts": `import "node:fs";\nimport "undici";\nimport "@carrel/core/operations";\nimport "@carrel/rx";\n`,
    };
    expect(await lintTree(files)).toEqual([
      expect.stringContaining("tooling/bench/a.ts:3: import-table: tooling/bench may not import"),
      expect.stringContaining("tooling/bench/a.ts:4: import-table: tooling/bench may not import"),
    ]);
  });

  test("imports in comments and in quoted text do not count", async () => {
    const text = `/**\n * import { x } from "rxjs";\n */\n// import "rxjs";\nexport const text = 'import "rxjs";';\n`;
    expect(await lintTree({ ...BOTH, "packages/core/src/a.ts": text })).toEqual([]);
  });
});

test("lengths are those of hand-written sources", async () => {
  await using tree = await makeTree({
    "ARCHITECTURE.md": architecture({ "packages/core": "ky" }),
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
