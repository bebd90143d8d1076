import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { extractSnippets } from "./extract-snippets.ts";
import type { Snippet } from "./snippet.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const patterns = ["README.md", "packages/*/README.md", "apps/*/README.md", "packages/*/src/**/*.ts"];

/** Every example of the project. */
export function findSnippets(): readonly Snippet[] {
  const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).toSorted();
  return files.flatMap((file) => extractSnippets(file, readFileSync(`${root}/${file}`, "utf8")));
}
