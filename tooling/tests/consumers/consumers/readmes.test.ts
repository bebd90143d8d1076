import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fetchRuntime, nodeRuntime } from "@carrel/portability/runtimes";
import { startSimulator } from "@carrel/simulator";
import { extractSnippets } from "@carrel/snippets/extract";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { emptyFolder } from "../src/empty-folder.ts";
import type { EmptyFolder } from "../src/empty-folder.ts";
import { readPacked, readRepositoryFile } from "../src/pack.ts";

const usesDispose = (code: string): boolean => /\bawait using\b/.test(code);

/** Lines of the shell examples that set a folder up. */
function setUpLines(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = ""]) => block.split("\n"));
  return blocks.flat().filter((line) => /^npm (?:install|pkg) /.test(line));
}

/** Does what a README says first, in an empty folder, after what most people do before. */
async function setUp(folder: EmptyFolder, text: string): Promise<void> {
  await folder.succeed("npm", ["init", "-y"]);
  for (const line of setUpLines(text)) await folder.succeed("sh", ["-c", line]);
}

async function readme(name: string): Promise<string> {
  const packed = inject("packages").find(({ manifest }) => manifest.name === name);
  return packed === undefined ? readRepositoryFile("README.md") : readPacked(packed.tarball, "README.md");
}

let node22 = "";
beforeAll(async () => {
  node22 = await fetchRuntime(nodeRuntime("22.20.0"));
});

describe.each([
  "@carrel/core",
  "@carrel/rx",
  "@carrel/web-stream",
  "@carrel/react",
  "@carrel/vue",
  "@carrel/svelte",
  "@carrel/angular",
  "@carrel/node-stream",
  "@carrel/mirror",
  "@carrel/vcsp",
  "@carrel/s3",
  "@carrel/fleet",
  "@carrel/relay",
  "@carrel/simulator",
])("the README of %s", (name) => {
  test("works to the letter, in an empty folder", async () => {
    const text = await readme(name);
    await using folder = await emptyFolder(inject("registry"));
    await setUp(folder, text);
    const examples = extractSnippets("README.md", text).filter(({ language }) => language === "ts");
    expect(examples.length).toBeGreaterThan(0);
    for (const [index, { code, place }] of examples.entries()) {
      const file = `example-${index}.ts`;
      await writeFile(join(folder.path, file), code);
      const latest = await folder.run(process.execPath, ["--no-warnings", file]);
      expect([place, latest.exitCode, latest.stderr]).toEqual([place, 0, ""]);
      if (usesDispose(code)) continue;
      const old = await folder.run(node22, ["--no-warnings", file]);
      expect([place, "on Node 22", old.exitCode, old.stderr]).toEqual([place, "on Node 22", 0, ""]);
    }
    // Examples that Node 22 cannot parse are marked.
    if (examples.some(({ code }) => usesDispose(code))) expect(text).toMatch(/Node 24 or\s+later/);
  });
});

describe("the first README", () => {
  const items = [{ name: "ubuntu-26.04", type: "iso", files: [{ name: "disk.iso", text: "All of it.\n" }] }];

  test("downloads an item in TypeScript, and says that there is none", async () => {
    const text = await readme("");
    await using folder = await emptyFolder(inject("registry"));
    await setUp(folder, text);
    const [example] = extractSnippets("README.md", text);
    await writeFile(join(folder.path, "get.ts"), example?.code ?? "");
    for (const [node, found] of [
      [process.execPath, items],
      [process.execPath, []],
      [node22, items],
    ] as const) {
      await using simulator = await startSimulator({ tls: true, libraries: [{ name: "images", items: found }] });
      const { exitCode, stdout, stderr } = await folder.run(node, ["--no-warnings", "get.ts"], {
        VSPHERE_SERVER: simulator.url.origin,
        VSPHERE_USER: simulator.credentials.username,
        VSPHERE_PASSWORD: simulator.credentials.password,
        VSPHERE_THUMBPRINT: simulator.certificate?.sha256 ?? "",
      });
      if (found.length > 0) expect([exitCode, stdout, stderr]).toEqual([0, "disk.iso 11 checksum\n", ""]);
      else
        expect([exitCode, stdout, stderr]).toEqual([1, "", expect.stringContaining("There is no item ubuntu-26.04")]);
      expect([simulator.openSessions, simulator.openApiSessions]).toEqual([[], []]);
      if (found.length > 0) expect(await readdir(join(folder.path, "images"))).toEqual(["disk.iso"]);
      await rm(join(folder.path, "images"), { recursive: true, force: true });
    }
  });

  test.each(["the oldest Node", "the newest"])("npx carrel works on %s", async (which) => {
    const node = which === "the newest" ? process.execPath : node22;
    await using folder = await emptyFolder(inject("registry"), node);
    // npx keeps what it installs in npm's cache.
    const cache = await mkdtemp(join(tmpdir(), "carrel-npx-"));
    try {
      const env = { npm_config_cache: cache };
      const { exitCode, stdout, stderr } = await folder.run("npx", ["--yes", "carrel", "demo"], env);
      expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining("rror")]);
      expect(stdout).toContain("No session is left open on the server");
    } finally {
      await rm(cache, { recursive: true });
    }
  });
});
