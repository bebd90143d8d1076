import { mkdir, readFile, writeFile } from "node:fs/promises";
import { generate } from "./generate.ts";
import { packageFacts } from "./package-facts.ts";
import { generatedPackages } from "./generated-package.ts";

/** Directories of packages, from the root, with the names and texts of the generated files. */
const outputs: readonly (readonly [folder: string, generate: (folder: URL) => Promise<ReadonlyMap<string, string>>])[] =
  [
    ...generatedPackages.map(
      (target) => [target.folder, (folder: URL) => generate(new URL("spec/", folder), target)] as const,
    ),
    ["apps/cli/", packageFacts],
  ];

/**
 * Writes the generated files below `root`, or only checks with `--check` whether they are up to date.
 * Other arguments name package directories, such as `packages/core/`; the default is all. Returns the exit code.
 */
export async function run(root: URL, args: readonly string[], write: (text: string) => void): Promise<number> {
  const check = args.includes("--check");
  const folders = args.filter((argument) => !argument.startsWith("--"));
  const stale: string[] = [];
  for (const [home, texts] of outputs) {
    if (folders.length > 0 && !folders.includes(home)) continue;
    const folder = `${home}src/gen/`;
    if (!check) await mkdir(new URL(folder, root), { recursive: true });
    for (const [name, text] of await texts(new URL(home, root))) {
      const file = new URL(folder + name, root);
      const present = await readFile(file, "utf8").catch(() => undefined);
      if (present === text) continue;
      stale.push(folder + name);
      if (!check) await writeFile(file, text);
    }
  }
  if (check && stale.length > 0) {
    write(`Out of date: ${stale.join(", ")}.\nTo write them: npx pnpm gen\n`);
    return 1;
  }
  write(stale.length === 0 ? "Generated files are up to date.\n" : `Written: ${stale.join(", ")}.\n`);
  return 0;
}
