// Starts an example and prints its address. Usage: main.ts NAME
import { readdirSync } from "node:fs";
import process from "node:process";
import { exampleDirectory, startExample } from "./start-example.ts";

const [name] = process.argv.slice(2);
const names = readdirSync(exampleDirectory("."));
if (name === undefined || !names.includes(name)) {
  console.error(`usage: npm run example NAME\nNAME is one of ${names.join(", ")}`);
  process.exit(2);
}
const example = await startExample(name);
console.log(`The example "${name}", with a simulator in place of a vCenter: ${example.url}\nCtrl-C ends it.`);
process.once("SIGINT", () => void example[Symbol.asyncDispose]().then(() => process.exit(0)));
