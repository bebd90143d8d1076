import { mkdir, readFile, writeFile } from "node:fs/promises";
import { generate } from "./generate.ts";
import { targets } from "./target.ts";

/**
 * Writes the generated files below `root`, or with `--check` only looks whether they are what the specification says.
 * Other arguments name package folders, such as `packages/core/`; by default all. Returns the exit code.
 */
export async function run(root: URL, args: readonly string[], write: (text: string) => void): Promise<number> {
  const check = args.includes("--check");
  const folders = args.filter((argument) => !argument.startsWith("--"));
  const stale: string[] = [];
  for (const target of targets) {
    if (folders.length > 0 && !folders.includes(target.folder)) continue;
    const folder = `${target.folder}src/gen/`;
    if (!check) await mkdir(new URL(folder, root), { recursive: true });
    for (const [name, text] of await generate(new URL(`${target.folder}spec/`, root), target)) {
      const file = new URL(folder + name, root);
      const present = await readFile(file, "utf8").catch(() => undefined);
      if (present === text) continue;
      stale.push(folder + name);
      if (!check) await writeFile(file, text);
    }
  }
  if (check && stale.length > 0) {
    write(`Not what the specification says: ${stale.join(", ")}.\nMend it with: npx pnpm gen\n`);
    return 1;
  }
  write(stale.length === 0 ? "Generated files are up to date.\n" : `Written: ${stale.join(", ")}.\n`);
  return 0;
}
