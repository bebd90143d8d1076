#!/usr/bin/env node
import process from "node:process";
import { guardOutput } from "./output/guard-output.ts";
import { version } from "./version.ts";

guardOutput();
const [first, ...rest] = process.argv.slice(2);
if ((first === "--version" || first === "-V") && rest.length === 0) process.stdout.write(`${version()}\n`);
else await (await import("./program.ts")).runProgram(process.argv.slice(2));
