// Runs examples one after the other in one process, which must come to its end by itself. Usage: run.ts FILE...
// Says of each in a line of JSON what it wrote to standard error, or what it failed with.
import { writeSync } from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";

let said = "";
process.stderr.write = (chunk: unknown): boolean => {
  said += String(chunk);
  return true;
};

for (const file of process.argv.slice(2)) {
  said = "";
  try {
    await import(pathToFileURL(file).href);
  } catch (error) {
    said += inspect(error);
  }
  writeSync(3, `${JSON.stringify({ file, said })}\n`);
}
