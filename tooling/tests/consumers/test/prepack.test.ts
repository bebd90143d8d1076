import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const prepack = fileURLToPath(new URL("../../../build/setup/prepack.mjs", import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "carrel-prepack-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

/** Runs it as a packer does. Returns what it ended with, and what it said. */
function pack(packer: string): Promise<readonly [exitCode: number, stderr: string]> {
  const env = { ...process.env, npm_config_user_agent: `${packer} node/v26.10.0 linux x64` };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [prepack], { cwd: folder, env }, (_error, _stdout, stderr) =>
      resolve([child.exitCode ?? -1, stderr]),
    );
  });
}

const manifest = (dependencies: Readonly<Record<string, string>>): string =>
  JSON.stringify({
    name: "desk",
    main: "./dist/index.js",
    exports: { ".": { types: "./dist/index.d.ts", browser: null, default: "./dist/index.js" } },
    dependencies,
  });
const sources = { "src/index.ts": "", "src/deep/lamp.ts": "", "src/worker.cjs": "" };
const output = {
  "dist/index.js": "",
  "dist/index.d.ts": "",
  "dist/deep/lamp.js": "",
  "dist/deep/lamp.d.ts": "",
  "dist/worker.cjs": "",
};

test("lets pnpm pack what is built", async () => {
  await write({ "package.json": manifest({ chair: "workspace:^", ky: "catalog:" }), ...sources, ...output });
  expect(await pack("pnpm/12.21.0 npm/?")).toEqual([0, ""]);
});

test.each(Object.keys(output))("refuses a package that was not built: without %s", async (path) => {
  await write({ "package.json": manifest({}), ...sources, ...output });
  await rm(join(folder, path));
  expect(await pack("pnpm/12.21.0 npm/?")).toEqual([
    1,
    expect.stringMatching(`^desk cannot be packed: it is not built: .*${path} is missing`),
  ]);
});

test("a program is bundled: what package.json names has to be there, not a file for each source", async () => {
  const text = JSON.stringify({ name: "desk", bin: { desk: "./dist/main.js" }, man: ["./dist/man/desk.1"] });
  await write({ "package.json": text, ...sources, "dist/main.js": "", "dist/man/desk.1": "" });
  expect(await pack("npm/11.19.1")).toEqual([0, ""]);
  await rm(join(folder, "dist/man/desk.1"));
  expect(await pack("npm/11.19.1")).toEqual([
    1,
    expect.stringMatching("^desk cannot be packed: it is not built: ./dist/man/desk.1 is missing"),
  ]);
});

test.each(["npm/11.19.1", "yarn/4.0.0"])("refuses %s where only pnpm knows the versions", async (packer) => {
  await write({
    "package.json": manifest({ chair: "workspace:^", ky: "catalog:", rxjs: "^7.8.0" }),
    ...sources,
    ...output,
  });
  expect(await pack(packer)).toEqual([
    1,
    "desk cannot be packed: only pnpm replaces the versions of chair, ky. Pack it with pnpm: npx pnpm pack\n",
  ]);
  await write({ "package.json": manifest({ rxjs: "^7.8.0" }) });
  expect(await pack(packer)).toEqual([0, ""]);
});
