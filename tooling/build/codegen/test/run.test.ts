import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "../src/run.ts";
import { generatedPackages } from "../src/generated-package.ts";
import { fixtureText } from "./support/fixture-spec.ts";
import type { Change } from "./support/fixture-spec.ts";

let root: URL;
beforeEach(async () => {
  root = pathToFileURL(`${await mkdtemp(join(tmpdir(), "codegen-"))}/`);
  for (const { folder } of generatedPackages) await writeSpec(folder);
  await writePackage("1.2.3", ">=22.20");
});
afterEach(() => rm(root, { recursive: true }));

async function writeSpec(folder: string, ...changes: readonly Change[]): Promise<void> {
  await mkdir(new URL(`${folder}spec/`, root), { recursive: true });
  for (const file of ["models", "api", "rest"] as const) {
    await writeFile(new URL(`${folder}spec/${file}.yaml`, root), await fixtureText(file, changes));
  }
}

async function writePackage(version: string, node: string): Promise<void> {
  await mkdir(new URL("apps/cli/", root), { recursive: true });
  await writeFile(new URL("apps/cli/package.json", root), JSON.stringify({ version, engines: { node } }));
}

async function codegen(...args: readonly string[]): Promise<readonly [code: number, text: string]> {
  let text = "";
  const code = await run(root, args, (part) => {
    text += part;
  });
  return [code, text];
}

const generated = (folder: string): URL => new URL(`${folder}src/gen/`, root);

test("writes what is missing, then has nothing to do", async () => {
  expect(await codegen()).toEqual([0, expect.stringContaining("Written: packages/core/src/gen/models.gen.ts, ")]);
  expect(await codegen()).toEqual([0, "Generated files are up to date.\n"]);
  expect(await codegen("--check")).toEqual([0, "Generated files are up to date.\n"]);
});

test("writes for one package when asked", async () => {
  await codegen("packages/simulator/");
  expect(await readdir(generated("packages/simulator/"))).toHaveLength(3);
  await expect(readdir(generated("packages/core/"))).rejects.toThrow("no such file");
});

test("--check names the stale files and the command that writes them, and writes nothing", async () => {
  await codegen();
  const before = await readFile(new URL("operations.gen.ts", generated("packages/core/")), "utf8");
  await writeSpec("packages/core/", ["api", "/room/seat/{seat_id}/lamp", "/room/chair/{seat_id}/lamp"]);
  expect(await codegen("--check")).toEqual([
    1,
    "Out of date: packages/core/src/gen/operations.gen.ts, packages/core/src/gen/face.gen.ts.\n" +
      "To write them: npx pnpm gen\n",
  ]);
  expect(await readFile(new URL("operations.gen.ts", generated("packages/core/")), "utf8")).toBe(before);
});

test("--check finds a file that was edited by hand, and one that is gone", async () => {
  await codegen();
  const folder = generated("packages/core/");
  await writeFile(new URL("facts.gen.ts", folder), "// mine");
  await rm(new URL("face.gen.ts", folder));
  const [code, text] = await codegen("--check");
  expect(code).toBe(1);
  expect(text).toContain("packages/core/src/gen/facts.gen.ts, packages/core/src/gen/face.gen.ts.");
});

test("--check of a clone without generated files creates no folder", async () => {
  expect(await codegen("--check")).toEqual([1, expect.stringContaining("npx pnpm gen")]);
  await expect(readdir(generated("packages/core/"))).rejects.toThrow("no such file");
});

test("--check finds that the version is another one by now", async () => {
  await codegen();
  const file = new URL("package.gen.ts", generated("apps/cli/"));
  expect(await readFile(file, "utf8")).toContain('export const version = "1.2.3";\n');
  expect(await readFile(file, "utf8")).toContain('export const oldestNode = "22.20";\n');
  await writePackage("1.2.4", ">=22.20");
  expect(await codegen("--check")).toEqual([
    1,
    expect.stringContaining("Out of date: apps/cli/src/gen/package.gen.ts."),
  ]);
});

test("a range of Node versions that cannot be compared with one number is refused", async () => {
  await writePackage("1.2.3", "^22.20 || >=24");
  await expect(codegen("apps/cli/")).rejects.toThrow('engines.node must be such as ">=22.20", not "^22.20 || >=24"');
});
