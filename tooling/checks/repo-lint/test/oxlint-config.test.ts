import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { makeTree } from "./support/tree.ts";

// The globs of oxlint behave in their own way (a leading slash, for one), so the effect of the configuration is tested.
const config = await readFile(new URL("../../../../.oxlintrc.json", import.meta.url), "utf8");
const oxlint = fileURLToPath(new URL("../node_modules/.bin/oxlint", import.meta.url));

/** Lints one file with the configuration of the repository. Returns the names that a rule rejects. */
async function complaints(file: string, text: string, rule: string): Promise<readonly string[]> {
  await using tree = await makeTree({ ".oxlintrc.json": config, [file]: text });
  const { stdout } = await new Promise<{ stdout: string }>((resolve) => {
    execFile(oxlint, ["-f", "unix"], { cwd: tree.root }, (_, out) => resolve({ stdout: out }));
  });
  const found = stdout.split("\n").filter((line) => line.includes(`(${rule})`));
  return found.map((line) => /'([^']+)'/.exec(line)?.[1] ?? line.replace(/^[^ ]* /, ""));
}

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
