import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fetchRuntime, nodeRuntime } from "@carrel/portability/runtimes";
import { startSimulator } from "@carrel/simulator";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { emptyFolder } from "../src/empty-folder.ts";
import type { EmptyFolder } from "../src/empty-folder.ts";
import { listPacked, readPacked } from "../src/pack.ts";

const names = [
  "@carrel/angular",
  "@carrel/core",
  "@carrel/fleet",
  "@carrel/mirror",
  "@carrel/node-stream",
  "@carrel/react",
  "@carrel/relay",
  "@carrel/rx",
  "@carrel/s3",
  "@carrel/simulator",
  "@carrel/svelte",
  "@carrel/vcsp",
  "@carrel/vue",
  "@carrel/web-stream",
  "carrel",
];

test("no package is forgotten", () => {
  expect(inject("packages").map(({ manifest }) => manifest.name)).toEqual(expect.arrayContaining(names));
  expect(inject("packages")).toHaveLength(names.length);
});

describe.each(names)("%s, packed", (name) => {
  const packed = inject("packages").find(({ manifest }) => manifest.name === name);
  if (packed === undefined) throw new Error(`${name} was not packed`);
  const { manifest, tarball } = packed;
  const { main, types, bin, exports, peerDependencies = {} } = manifest;
  const dependencies = { ...manifest.dependencies, ...manifest.optionalDependencies };

  test("has what its package.json names, its licence and its README", async () => {
    const named = JSON.stringify([main, types, bin, exports]).match(/\.\/[^"]+\.\w+/g) ?? [];
    const wanted = ["LICENSE", "README.md", ...named.map((path) => path.slice(2))];
    expect(await listPacked(tarball)).toEqual(expect.arrayContaining(wanted));
  });

  test("can be found by those who do not look at exports", () => {
    const library = { main: "./dist/index.js", types: "./dist/index.d.ts" };
    expect({ main, types }).toEqual(bin === undefined ? library : { main: undefined, types: undefined });
  });

  test("has no version that only pnpm knows", () => {
    const ranges = Object.values({ ...dependencies, ...peerDependencies });
    expect(ranges.filter((range) => !/^[~^]?\d/.test(range))).toEqual([]);
  });

  test("has a README without dead links", async () => {
    const files = await listPacked(tarball);
    const links = [...(await readPacked(tarball, "README.md")).matchAll(/\]\(([^)#]+)[^)]*\)/g)];
    const targets = links.map(([, target = ""]) => target).filter((target) => !target.startsWith("https://"));
    expect(targets.filter((target) => !files.includes(target))).toEqual([]);
  });

  test("depends on the very version of what it uses outside of semantic versioning", async () => {
    const sources = (await listPacked(tarball)).filter((path) => /^dist\/.*\.js$/.test(path));
    const text = (await Promise.all(sources.map((path) => readPacked(tarball, path)))).join("\n");
    const ours = Object.entries(dependencies).filter(([other]) => names.includes(other));
    const isExact = (other: string): boolean => name === "carrel" || text.includes(`"${other}/`);
    expect(ours).toEqual(ours.map(([other]) => [other, isExact(other) ? manifest.version : `^${manifest.version}`]));
  });
});

describe("carrel without its optional dependencies", () => {
  test("does all but simulate, go to an object store and run fleets, and says what is missing", async () => {
    await using folder = await emptyFolder(inject("registry"));
    await folder.succeed("npm", ["install", "--omit=optional", "carrel"]);
    // The packages that it is made of are inside, and so are the licenses of the libraries.
    expect((await readdir(join(folder.path, "node_modules"))).filter((name) => !name.startsWith("."))).toEqual([
      "carrel",
    ]);
    const licenses = await readFile(join(folder.path, "node_modules/carrel/dist/third-party-licenses.txt"), "utf8");
    expect(licenses).toMatch(/^undici \d+\.\d+\.\d+ \(MIT\)\n\nMIT License\n/mu);
    await using simulator = await startSimulator({ libraries: [{ name: "images" }] });
    const { exitCode, stdout } = await folder.run("npx", ["carrel", "ls"], {
      VSPHERE_SERVER: simulator.url.origin,
      VSPHERE_USER: simulator.credentials.username,
      VSPHERE_PASSWORD: simulator.credentials.password,
    });
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining("images")]);
    for (const command of ["demo", "sim"]) {
      expect(await folder.run("npx", ["carrel", command])).toEqual({
        exitCode: 1,
        stdout: "",
        stderr: expect.stringMatching(
          /^carrel: This command needs the package @carrel\/simulator, which is not installed\n {2}Install it/,
        ) as unknown,
      });
    }
    expect(await folder.run("npx", ["carrel", "fleet", "init"])).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: expect.stringMatching(
        /^carrel: Fleets need the package @carrel\/fleet, which is not installed\n {2}Install it/,
      ) as unknown,
    });
    expect(await folder.run("npx", ["carrel", "get", "images/ubuntu", "-o", "s3://images"])).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: expect.stringMatching(
        /^carrel: s3:\/\/ needs the package @carrel\/s3, which is not installed\n {2}Install it/,
      ) as unknown,
    });
  });
});

describe("on a Node that is too old", () => {
  let folder: EmptyFolder;
  beforeAll(async () => {
    folder = await emptyFolder(inject("registry"));
    await folder.succeed("npm", ["install", "carrel"]);
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  test.each(["12.22.12", "20.20.2", "22.12.0"])("%s", async (version) => {
    const node = await fetchRuntime(nodeRuntime(version));
    for (const args of [["demo"], ["--version"], ["get", "a/b"]]) {
      expect(await folder.run(node, ["node_modules/carrel/dist/main.js", ...args])).toEqual({
        exitCode: 2,
        stdout: "",
        stderr: `carrel needs Node 22.20 or later: this is ${version}\n`,
      });
    }
  });
});
