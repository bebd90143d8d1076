// Refuses to pack a package that would not work: one that was not built, or one with versions that only pnpm replaces.
// Plain JavaScript for Node 20: it runs on whichever Node packs. Run by each package's "prepack", in its folder.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** Every path that a value names, at any depth: of "main", "types", "bin", "man" and "exports". */
function paths(value) {
  if (typeof value === "string") return value.startsWith("./") ? [value] : [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(paths) : [];
}

/** What the build makes of a source file. */
function built(source) {
  if (source.endsWith(".cjs")) return [source];
  return source.endsWith(".ts") ? [source.replace(/\.ts$/, ".js"), source.replace(/\.ts$/, ".d.ts")] : [];
}

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const { main, types, bin, man, exports, dependencies, peerDependencies, optionalDependencies } = manifest;
// A program is a bundle; a library is published file by file.
const sources = bin === undefined ? readdirSync("src", { recursive: true, encoding: "utf8" }) : [];
const wanted = [
  ...paths({ main, types, bin, man, exports }),
  ...sources.flatMap(built).map((file) => join("dist", file)),
];
const missing = wanted.filter((path) => !existsSync(path));
const ranges = Object.entries({ ...dependencies, ...peerDependencies, ...optionalDependencies });
const pnpmOnly = ranges.filter(([, range]) => /^(?:workspace|catalog):/.test(range)).map(([name]) => name);

const problems = [];
if (missing.length > 0) {
  problems.push(`it is not built: ${missing[0]} is missing (${missing.length} files in all). Build it: npm run build`);
}
if (pnpmOnly.length > 0 && !process.env.npm_config_user_agent?.startsWith("pnpm/")) {
  problems.push(`only pnpm replaces the versions of ${pnpmOnly.join(", ")}. Pack it with pnpm: npx pnpm pack`);
}
for (const problem of problems) console.error(`${manifest.name} cannot be packed: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;
