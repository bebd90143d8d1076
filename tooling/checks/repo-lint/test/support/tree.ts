import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Writes a tree of files into a temporary directory, which is removed at the end of the scope. */
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

/** A text with an import table: what each folder may import. */
export function architecture(rows: Readonly<Record<string, string>>): string {
  const lines = Object.entries(rows).map(([folder, allowed]) => `| \`${folder}\` | a package | ${allowed} |`);
  return `| folder | what it is | may import |\n| - | - | - |\n${lines.join("\n")}\n`;
}
