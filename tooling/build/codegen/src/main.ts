// Usage: node tooling/build/codegen/src/main.ts [--check] [PACKAGE-FOLDER ...], by default for all packages
import { run } from "./run.ts";

const root = new URL("../../../../", import.meta.url);
process.exitCode = await run(root, process.argv.slice(2), (text) => process.stdout.write(text));
