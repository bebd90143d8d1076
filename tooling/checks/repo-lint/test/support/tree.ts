import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Writes a tree of files into a temporary folder, which is gone at the end of the scope. */
export async function makeTree(files: Readonly<Record<string, string>>): Promise<AsyncDisposable & { root: string }> {
  const root = await mkdtemp(join(tmpdir(), "repo-lint-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true }) };
}

/** A package.json. */
export function manifest(name: string, exports?: Readonly<Record<string, string>>): string {
  return JSON.stringify({ name, exports });
}

/** An oxlint configuration that lets the packages of these folders import what they like. */
export function oxlintConfig(...folders: readonly string[]): string {
  const overrides = folders.map((folder) => ({
    files: [`${folder}/src/**`],
    rules: { "no-restricted-imports": "off" },
  }));
  return JSON.stringify({ overrides }, undefined, 2);
}
