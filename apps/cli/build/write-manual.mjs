// Writes the manual pages from the compiled program, a step of the build. Fails where package.json does not list them all: npm
// links only the pages that "man" names.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createProgram } from "../dist/compiled/program.js";
import { manualPages } from "../dist/compiled/help/manual.js";

const directory = new URL("../dist/man/", import.meta.url);
rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
const pages = manualPages(createProgram());
for (const [name, page] of pages) writeFileSync(new URL(name, directory), page);

const { man } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const wanted = [...pages.keys()].map((name) => `./dist/man/${name}`);
if (JSON.stringify(man?.toSorted()) !== JSON.stringify(wanted.toSorted())) {
  console.error(`"man" of apps/cli/package.json must be:\n  "man": ${JSON.stringify(wanted, null, 4)},`);
  process.exitCode = 1;
}
