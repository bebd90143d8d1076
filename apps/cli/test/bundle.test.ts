import { readdir, readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { expect, test } from "vitest";

interface Manifest {
  readonly dependencies?: unknown;
}

const dist = new URL("../dist/", import.meta.url);
const chunks = (await readdir(new URL("chunks/", dist))).filter((name) => name.endsWith(".js"));
const files = ["main.js", ...chunks.map((name) => `chunks/${name}`)];

/** What a file imports: static, dynamic, and for nothing but its effects. */
async function importsOf(file: string): Promise<readonly string[]> {
  const text = await readFile(new URL(file, dist), "utf8");
  const found = text.matchAll(/^(?:import|export) (?:[^"]* from )?"([^"]+)";$|\bimport\("([^"]+)"\)/gmu);
  return [...found].map(([, path = "", dynamic = path]) => dynamic);
}

test("the bundle has everything in it but Node's modules, fleets, the simulator and object stores", async () => {
  const imported = (await Promise.all(files.map(importsOf))).flat();
  const others = imported.filter((path) => !path.startsWith(".") && !isBuiltin(path));
  expect(new Set(others)).toEqual(
    new Set(["@carrel/fleet", "@carrel/fleet/document", "@carrel/simulator", "@carrel/s3"]),
  );
  const { dependencies } = JSON.parse(await readFile(new URL("../package.json", dist), "utf8")) as Manifest;
  expect(dependencies).toBeUndefined();
});

test("the bundle can be bundled once more: nothing is required relative to the address of a module", async () => {
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, dist), "utf8")));
  expect(files.filter((_, index) => texts[index]?.includes("createRequire"))).toEqual([]);
});

test("the bundle has the code of the digest thread beside the chunk that starts it", async () => {
  expect(await readdir(new URL("chunks/", dist))).toEqual(expect.arrayContaining(["digest-worker.cjs"]));
});

test("the bundle says what is in it, with all licenses", async () => {
  const text = await readFile(new URL("third-party-licenses.txt", dist), "utf8");
  for (const name of ["@rgrove/parse-xml", "commander", "get-east-asian-width", "ky", "selfsigned", "send", "undici"]) {
    expect(text).toMatch(
      new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\((?:MIT|ISC)\\)\\n\\n.*(?:License|Copyright)`, "mu"),
    );
  }
});

test("main.js, which every Node can read, imports nothing before the version is known to be new enough", async () => {
  const text = await readFile(new URL("main.js", dist), "utf8");
  expect(text).not.toMatch(/^import /mu);
  expect(await importsOf("main.js")).toEqual(["./chunks/start.js"]);
});
