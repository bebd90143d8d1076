// Usage: node tooling/codegen/src/main.ts [--check] [PACKAGE-FOLDER ...], by default for all packages
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { generate } from "./generate.ts";
import { targets } from "./target.ts";

const root = new URL("../../../", import.meta.url);
const check = process.argv.includes("--check");
const folders = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const stale: string[] = [];

for (const target of targets) {
  if (folders.length > 0 && !folders.includes(target.folder)) continue;
  const folder = `${target.folder}src/gen/`;
  await mkdir(new URL(folder, root), { recursive: true });
  for (const [name, text] of await generate(new URL(`${target.folder}spec/`, root), target)) {
    const file = new URL(folder + name, root);
    const present = await readFile(file, "utf8").catch(() => undefined);
    if (present === text) continue;
    stale.push(folder + name);
    if (!check) await writeFile(file, text);
  }
}

if (check && stale.length > 0) {
  console.error(`Not what the specification says: ${stale.join(", ")}.\nMend it with: npx pnpm gen`);
  process.exitCode = 1;
} else {
  console.log(stale.length === 0 ? "Generated files are up to date." : `Written: ${stale.join(", ")}.`);
}
