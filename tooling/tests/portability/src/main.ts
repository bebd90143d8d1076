// Runs every scenario in the runtime at hand, one after the other. Usage: main.ts TARGET WIRE
// TARGET is the JSON of a TestServer. Prints the runtime, and the name of each scenario that passes; ends with 1 at the first
// that does not.
import process from "node:process";
import type { WireStyle } from "@carrel/core";
import { scenarios } from "./scenario.ts";
import type { TestServer } from "./test-server.ts";

const { bun, deno, node } = process.versions as Readonly<Record<string, string>>;
console.log(bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node ${node}`);

const [target = "", wire] = process.argv.slice(2);
for (const { name, run } of scenarios) {
  try {
    await run(JSON.parse(target) as TestServer, wire as WireStyle);
    console.log(name);
  } catch (error) {
    console.error(`${name}:`, error);
    process.exitCode = 1;
    break;
  }
}
