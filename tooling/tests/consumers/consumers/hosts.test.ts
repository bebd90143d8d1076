import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bunRuntime, denoRuntime, fetchRuntime, nodeRuntime } from "@carrel/portability/runtimes";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { downloadBy, downloaded } from "../src/download-in.ts";
import { emptyFolder } from "../src/empty-folder.ts";
import type { EmptyFolder, Ended } from "../src/empty-folder.ts";

const bundlers = [
  "esbuild@0.28.2",
  "rollup@4.68.8",
  "@rollup/plugin-commonjs@29.0.3",
  "@rollup/plugin-node-resolve@16.0.3",
  "vite@8.3.8",
  "webpack@5.113.0",
];
const program = fileURLToPath(new URL("../programs/download.mjs", import.meta.url));

/** The program beside the installed packages and all bundlers. */
let workshop: EmptyFolder;
beforeAll(async () => {
  workshop = await emptyFolder(inject("registry"));
  await workshop.succeed("npm", ["init", "-y"]);
  await workshop.succeed("npm", [
    "install",
    "--ignore-scripts",
    "@carrel/core",
    "@carrel/node-stream",
    "carrel",
    ...bundlers,
  ]);
  await cp(program, join(workshop.path, "download.mjs"));
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** Runs what was built in a folder that holds nothing else. */
async function runApart(
  built: string,
  start: (folder: EmptyFolder, env: Readonly<Record<string, string>>) => Promise<Ended>,
): Promise<ReturnType<typeof downloadBy>> {
  await using folder = await emptyFolder(inject("registry"));
  await cp(join(workshop.path, built), folder.path, { recursive: true });
  return await downloadBy((env) => start(folder, env));
}

const node = (file: string) => (folder: EmptyFolder, env: Readonly<Record<string, string>>) =>
  folder.run(process.execPath, ["--no-warnings", file], env);

const esbuild = (format: "cjs" | "esm", outfile: string, entry: string = "download.mjs"): Promise<string> =>
  workshop.succeed("npx", [
    "esbuild",
    entry,
    "--bundle",
    "--platform=node",
    "--log-level=error",
    `--format=${format}`,
    `--outfile=${outfile}`,
    ...(format === "esm"
      ? [`--banner:js=import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`]
      : []),
  ]);

describe("not bundled", () => {
  const flags = ["--permission", "--allow-fs-read=*", "--allow-fs-write=*", "--allow-net"];
  test.each([
    ["plain", [], true],
    ["--permission --allow-worker", [...flags, "--allow-worker"], true],
    ["--permission", flags, false],
  ] as const)("Node, %s", async (_name, options, hasThread) => {
    const args = ["--no-warnings", ...options, "download.mjs"];
    const outcome = await downloadBy((env) => workshop.run(process.execPath, args, env));
    expect(outcome).toEqual({ ...downloaded(hasThread), stderr: "" });
  });

  test.each([nodeRuntime("22.20.0"), nodeRuntime("24.21.0")])(
    "Node $version, plain and with --permission",
    async (runtime) => {
      const executable = await fetchRuntime(runtime);
      const forbidding = ["--no-warnings", "--permission", "--allow-fs-read=*", "--allow-fs-write=*"];
      for (const options of [[], forbidding]) {
        const outcome = await downloadBy((env) => workshop.run(executable, [...options, "download.mjs"], env));
        expect(outcome).toEqual({ ...downloaded(options.length === 0), stderr: "" });
      }
    },
  );

  test.each([
    { ...bunRuntime("1.4.5"), args: ["download.mjs"] },
    { ...denoRuntime("2.9.6"), args: ["run", "--allow-all", "--node-modules-dir=manual", "download.mjs"] },
  ])("$name $version", async ({ args, ...runtime }) => {
    const executable = await fetchRuntime(runtime);
    const outcome = await downloadBy((env) => workshop.run(executable, args, env));
    // Deno has a thread, which cannot read the files of this one.
    expect(outcome).toMatchObject(downloaded(true));
  });
});

describe("in one file", () => {
  test("esbuild, CommonJS", async () => {
    await esbuild("cjs", "esbuild-cjs/out.cjs");
    expect(await runApart("esbuild-cjs", node("out.cjs"))).toEqual({ ...downloaded(false), stderr: "" });
  });

  test("esbuild, ESM", async () => {
    await esbuild("esm", "esbuild-esm/out.mjs");
    expect(await runApart("esbuild-esm", node("out.mjs"))).toEqual({ ...downloaded(false), stderr: "" });
  });

  test("esbuild, with the thread's file beside it", async () => {
    await esbuild("esm", "esbuild-two/out.mjs");
    const worker = "node_modules/@carrel/node-stream/dist/files/digest-worker.cjs";
    await cp(join(workshop.path, worker), join(workshop.path, "esbuild-two/digest-worker.cjs"));
    expect(await runApart("esbuild-two", node("out.mjs"))).toEqual({ ...downloaded(true), stderr: "" });
  });

  test.each(["cjs", "esm"] as const)("the command line itself, by esbuild as %s", async (format) => {
    const file = `carrel.${format === "cjs" ? "cjs" : "mjs"}`;
    await esbuild(format, `carrel-${format}/${file}`, "node_modules/carrel/dist/main.js");
    await using folder = await emptyFolder(inject("registry"));
    await cp(join(workshop.path, `carrel-${format}`), folder.path, { recursive: true });
    expect(await folder.succeed(process.execPath, [file, "--version"])).toMatch(/^\d+\.\d+\.\d+\n$/);
    const said = await folder.succeed(process.execPath, [file, "demo"]);
    expect(said).toContain("No session is left open on the server");
  });

  test("a single executable of Node", async () => {
    await esbuild("cjs", "sea.cjs");
    await mkdir(join(workshop.path, "sea"));
    const config = { main: "sea.cjs", output: "sea/program", disableExperimentalSEAWarning: true };
    await writeFile(join(workshop.path, "sea.json"), JSON.stringify(config));
    await workshop.succeed(process.execPath, ["--build-sea", "sea.json"]);
    const outcome = await runApart("sea", (folder, env) => folder.run(join(folder.path, "program"), [], env));
    expect(outcome).toEqual({ ...downloaded(false), stderr: "" });
  });

  test("bun build", async () => {
    const bun = await fetchRuntime(bunRuntime("1.4.5"));
    await workshop.succeed(bun, ["build", "download.mjs", "--target=bun", "--outfile=bun/out.mjs"]);
    const outcome = await runApart("bun", (folder, env) => folder.run(bun, ["out.mjs"], env));
    expect(outcome).toMatchObject(downloaded(false));
  });

  test("bun build --compile", async () => {
    const bun = await fetchRuntime(bunRuntime("1.4.5"));
    await workshop.succeed(bun, ["build", "download.mjs", "--compile", "--outfile=bun-compiled/program"]);
    const outcome = await runApart("bun-compiled", (folder, env) => folder.run(join(folder.path, "program"), [], env));
    expect(outcome).toMatchObject(downloaded(false));
  });
});

describe("in a bundle", () => {
  test("rollup", async () => {
    await writeFile(
      join(workshop.path, "rollup.config.mjs"),
      `import commonjs from "@rollup/plugin-commonjs";
       import nodeResolve from "@rollup/plugin-node-resolve";
       const plugins = [nodeResolve({ exportConditions: ["node"], preferBuiltins: true }), commonjs()];
       export default { input: "download.mjs", plugins, output: { dir: "rollup", entryFileNames: "out.mjs" } };`,
    );
    await workshop.succeed("npx", ["rollup", "--config", "--silent"]);
    expect(await runApart("rollup", node("out.mjs"))).toEqual({ ...downloaded(false), stderr: "" });
  });

  test("vite, for a server, with everything in it", async () => {
    await writeFile(join(workshop.path, "vite.config.mjs"), "export default { ssr: { noExternal: true } };");
    await workshop.succeed("npx", ["vite", "build", "--ssr=download.mjs", "--outDir=vite", "--logLevel=error"]);
    const [file = ""] = (await readdir(join(workshop.path, "vite"))).filter((name) => /^download\.m?js$/.test(name));
    await cp(join(workshop.path, "vite", file), join(workshop.path, "vite/out.mjs"));
    expect(await runApart("vite", node("out.mjs"))).toMatchObject({ exitCode: 0, files: downloaded(false).files });
  });

  test("webpack, for Node: it copies the thread's file", async () => {
    await writeFile(
      join(workshop.path, "webpack.mjs"),
      `import webpack from "webpack";
       const options = { mode: "production", target: "node", context: process.cwd(), entry: "./download.mjs" };
       const output = { path: process.cwd() + "/webpack", filename: "out.cjs" };
       webpack({ ...options, output }, (error, stats) => {
         const problems = error ?? (stats.hasErrors() ? stats.toString() : undefined);
         if (problems !== undefined) throw new Error(problems);
       });`,
    );
    await workshop.succeed(process.execPath, ["webpack.mjs"]);
    expect(await runApart("webpack", node("out.cjs"))).toEqual({ ...downloaded(true), stderr: "" });
  });
});
