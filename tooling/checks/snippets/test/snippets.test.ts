import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startSimulator } from "@carrel/simulator";
import { beforeAll, describe, expect, test } from "vitest";
import { findSnippets } from "../src/find-snippets.ts";

const run = promisify(execFile);
const home = fileURLToPath(new URL("..", import.meta.url));
const out = join(home, "out");
const runner = join(home, "src/run.ts");
const snippets = findSnippets().map((snippet, index) => ({
  ...snippet,
  file: join(out, `snippet-${index}.${snippet.language}`),
}));

beforeAll(async () => {
  await rm(out, { recursive: true, force: true });
  await mkdir(out);
  // The export makes a module of an example without imports.
  for (const { file, code, place } of snippets) await writeFile(file, `// ${place}\n${code}\nexport {};\n`);
});

describe("the examples", () => {
  test("are there", () => {
    expect(snippets.length).toBeGreaterThan(10);
  });

  test("compile, as strictly as the project itself", async () => {
    const { stdout } = await run(join(home, "node_modules/.bin/tsc"), ["-p", "tsconfig.snippets.json"], {
      cwd: home,
    }).catch((error: { readonly stdout: string }) => error);
    expect(withPlaces(stdout)).toBe("");
  });

  describe("run", () => {
    const ofPackages = snippets.filter(({ place, language }) => language === "ts" && !place.startsWith("README.md"));
    const said = new Map<string, string>();
    let exitCode: unknown;

    // One process for all: most of the time of an example is the start of its process.
    beforeAll(async () => {
      const args = ["--no-warnings", runner, ...ofPackages.map(({ file }) => file)];
      const child = spawn(process.execPath, args, { cwd: out, stdio: ["ignore", "ignore", "inherit", "pipe"] });
      const lines = createInterface({ input: child.stdio[3] as Readable });
      const ended = once(child, "close");
      for await (const line of lines) {
        const { file, said: text } = JSON.parse(line) as { readonly file: string; readonly said: string };
        said.set(file, text);
      }
      [exitCode] = await ended;
    });

    test.each(ofPackages)("$place", ({ file }) => {
      expect(said.get(file)).toBe("");
    });

    test("and leave nothing that keeps their process", () => {
      expect(exitCode).toBe(0);
    });
  });
});

test("the README's example downloads an item", async () => {
  const text = "All of it.\n";
  await using simulator = await startSimulator({
    tls: true,
    libraries: [
      { name: "images", items: [{ name: "ubuntu-26.04", type: "iso", files: [{ name: "disk.iso", text }] }] },
    ],
  });
  const folder = await mkdtemp(join(tmpdir(), "carrel-readme-"));
  const example = snippets.find(({ place }) => place.startsWith("README.md"));
  const env = {
    ...process.env,
    VSPHERE_SERVER: simulator.url.origin,
    VSPHERE_USER: simulator.credentials.username,
    VSPHERE_PASSWORD: simulator.credentials.password,
    VSPHERE_THUMBPRINT: simulator.certificate?.sha256,
  };
  const { stdout } = await run(process.execPath, ["--no-warnings", example?.file ?? ""], {
    cwd: folder,
    env,
    timeout: 30_000,
  });
  expect(stdout).toBe(`disk.iso ${text.length} checksum\n`);
  expect(await readdir(join(folder, "images"))).toEqual(["disk.iso"]);
  expect(await readFile(join(folder, "images/disk.iso"), "utf8")).toBe(text);
  expect(simulator.openSessions).toEqual([]);
  expect(simulator.openApiSessions).toEqual([]);
  await rm(folder, { recursive: true });
});

/** Compiler messages with the places where the examples stand. */
function withPlaces(messages: string): string {
  return messages.replaceAll(
    /out\/snippet-(\d+)\.tsx?/g,
    (_, index: string) => snippets[Number(index)]?.place ?? index,
  );
}
