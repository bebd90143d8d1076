import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { makeTree } from "./support/tree.ts";

// oxlint's globs have their own mind (a leading slash, for one), so what the configuration lets through is tried out.
const config = await readFile(new URL("../../../../.oxlintrc.json", import.meta.url), "utf8");
const oxlint = fileURLToPath(new URL("../node_modules/.bin/oxlint", import.meta.url));

/** Lints one file under the repository's configuration: the specifiers or names that it complains of, and the rule. */
async function complaints(file: string, text: string, rule: string): Promise<readonly string[]> {
  await using tree = await makeTree({ ".oxlintrc.json": config, [file]: text });
  const { stdout } = await new Promise<{ stdout: string }>((resolve) => {
    execFile(oxlint, ["-f", "unix"], { cwd: tree.root }, (_, out) => resolve({ stdout: out }));
  });
  const found = stdout.split("\n").filter((line) => line.includes(`(${rule})`));
  return found.map((line) => /'([^']+)'/.exec(line)?.[1] ?? line.replace(/^[^ ]* /, ""));
}

function imports(...specifiers: readonly string[]): string {
  return specifiers.map((specifier) => `import "${specifier}";\n`).join("");
}

async function forbidden(folder: string, ...specifiers: readonly string[]): Promise<readonly string[]> {
  return complaints(`${folder}/src/deep/a.ts`, imports(...specifiers), "no-restricted-imports");
}

describe("who may import whom", () => {
  const everything = [
    "node:fs",
    "node:fs/promises",
    "ky",
    "rxjs",
    "undici",
    "selfsigned",
    "commander",
    "lodash",
    "@carrel/core",
    "@carrel/core/kit",
    "@carrel/core/operations",
    "@carrel/core/dist/index.js",
    "@carrel/rx",
    "@carrel/node-stream",
    "@carrel/node-stream/fs",
    "@carrel/node-stream/task",
    "@carrel/node-stream/tls",
    "@carrel/mirror",
    "@carrel/simulator",
    "./b.ts",
    "../b.ts",
    "../../b.ts",
  ];
  const own = ["./b.ts", "../b.ts", "../../b.ts"];
  const node = ["node:fs", "node:fs/promises"];
  test.each([
    ["packages/core", [...own, "ky"]],
    ["packages/rx", [...own, "@carrel/core", "@carrel/core/kit", "rxjs"]],
    ["packages/node-stream", [...own, ...node, "@carrel/core", "@carrel/core/kit", "undici"]],
    [
      "packages/mirror",
      [
        ...own,
        ...node,
        "@carrel/core",
        "@carrel/core/kit",
        "@carrel/node-stream",
        "@carrel/node-stream/fs",
        "@carrel/node-stream/task",
      ],
    ],
    [
      "packages/simulator",
      [...own, ...node, "@carrel/core", "@carrel/core/kit", "@carrel/core/operations", "selfsigned"],
    ],
    [
      "apps/cli",
      [
        ...own,
        ...node,
        "commander",
        "@carrel/core",
        "@carrel/core/kit",
        "@carrel/rx",
        "@carrel/node-stream",
        "@carrel/node-stream/fs",
        "@carrel/node-stream/task",
        "@carrel/node-stream/tls",
        "@carrel/mirror",
        "@carrel/simulator",
      ],
    ],
  ])("%s", async (folder, allowed) => {
    const refused = await forbidden(folder, ...everything);
    expect(everything.filter((specifier) => !refused.includes(specifier)).toSorted()).toEqual(allowed.toSorted());
  });

  test("holds for types, re-exports and dynamic imports too", async () => {
    const text = `import type {} from "node:fs";\nexport * from "node:net";\nexport const x = await import("node:os");\n`;
    const found = await complaints("packages/core/src/a.ts", text, "no-restricted-imports");
    expect(found.toSorted()).toEqual(["node:fs", "node:net", "node:os"]);
  });

  test("does not hold for tests", async () => {
    expect(await complaints("packages/core/test/a.test.ts", imports("node:fs"), "no-restricted-imports")).toEqual([]);
  });
});

describe("timers and console", () => {
  const timers = "setTimeout(f, 1);\nsetInterval(f, 1);\nsetImmediate(f);\n";

  test.each(["packages/core/src/a.ts", "packages/rx/src/a.ts", "packages/simulator/src/a.ts"])("%s", async (file) => {
    const found = await complaints(file, timers, "no-restricted-globals");
    expect(found.toSorted()).toEqual(["setImmediate", "setInterval", "setTimeout"]);
  });

  test.each(["packages/core/src/kit/time.ts", "packages/node-stream/src/a.ts", "apps/cli/src/a.ts"])(
    "timers are free in %s",
    async (file) => {
      expect(await complaints(file, timers, "no-restricted-globals")).toEqual([]);
    },
  );

  test("libraries have no console, apps have", async () => {
    expect(await complaints("packages/node-stream/src/a.ts", "console.log(1);\n", "no-console")).toHaveLength(1);
    expect(await complaints("apps/cli/src/a.ts", "console.log(1);\n", "no-console")).toEqual([]);
  });
});

test("no source has more than 400 lines", async () => {
  expect(await complaints("apps/cli/src/a.ts", "f();\n".repeat(401), "max-lines")).toHaveLength(1);
  expect(await complaints("apps/cli/src/a.ts", "f();\n".repeat(399), "max-lines")).toEqual([]);
  expect(await complaints("packages/core/src/gen/a.gen.ts", "f();\n".repeat(401), "max-lines")).toEqual([]);
});
