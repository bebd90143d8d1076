import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, inject, test } from "vitest";
import { emptyFolder } from "../src/empty-folder.ts";
import { readRepositoryFile } from "../src/pack.ts";

test("@carrel/react installs beside React 18, and holds one session there as well", async () => {
  await using folder = await emptyFolder(inject("registry"));
  await cp(fileURLToPath(new URL("../programs/react-18.mjs", import.meta.url)), join(folder.path, "react-18.mjs"));
  await folder.succeed("npm", ["init", "-y"]);
  const others = [
    "@carrel/rx",
    "@carrel/core",
    "@carrel/simulator",
    "rxjs",
    "react@18.3.1",
    "react-test-renderer@18.3.1",
  ];
  await folder.succeed("npm", ["install", "@carrel/react", ...others]);
  const { exitCode, stdout, stderr } = await folder.run(process.execPath, ["react-18.mjs"]);
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(JSON.parse(stdout)).toEqual({
    version: "18.3.1",
    phases: ["pending", "opening", "active"],
    openWhileMounted: 1,
    calls: [1, 1],
    left: 0,
  });
});

test("the example for React builds from the packed packages, outside of the repository", async () => {
  await using folder = await emptyFolder(inject("registry"));
  const example = fileURLToPath(new URL("../../../../apps/examples/react", import.meta.url));
  const isSource = (path: string): boolean => !/(?:node_modules|dist|\.turbo)$/u.test(path);
  await cp(example, folder.path, { recursive: true, filter: isSource });
  const manifest = join(folder.path, "package.json");
  const workspace = await readRepositoryFile("pnpm-workspace.yaml");
  const version = inject("packages")[0]?.manifest.version ?? "";
  const outside = (await readFile(manifest, "utf8"))
    .replaceAll('"workspace:*"', `"${version}"`)
    .replaceAll(/"([^"]+)": "catalog:"/gu, (_, name: string) => {
      const [, range = ""] = new RegExp(`^  "?${name}"?: (.+)$`, "mu").exec(workspace) ?? [];
      return `"${name}": "${range}"`;
    });
  await writeFile(manifest, outside);
  await folder.succeed("npm", ["install"]);
  await folder.succeed("npm", ["run", "build:app"]);
  expect(await readFile(join(folder.path, "dist/index.html"), "utf8")).toContain('<script type="module"');
});
