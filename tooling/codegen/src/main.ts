// Usage: node tooling/codegen/src/main.ts [--check]
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { generate } from "./generate.ts";

const core = new URL("../../../packages/core/", import.meta.url);
const target = new URL("src/gen/", core);
const check = process.argv.includes("--check");
const stale: string[] = [];

await mkdir(target, { recursive: true });
for (const [name, text] of await generate(new URL("spec/", core))) {
  const file = new URL(name, target);
  const present = await readFile(file, "utf8").catch(() => undefined);
  if (present === text) continue;
  stale.push(`packages/core/src/gen/${name}`);
  if (!check) await writeFile(file, text);
}

if (check && stale.length > 0) {
  console.error(`Not what the specification says: ${stale.join(", ")}.\nMend it with: npx pnpm gen`);
  process.exitCode = 1;
} else {
  console.log(stale.length === 0 ? "Generated files are up to date." : `Written: ${stale.join(", ")}.`);
}
