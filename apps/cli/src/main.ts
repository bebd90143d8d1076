#!/usr/bin/env node
// Runs on every Node that knows modules. So until it is known to be new enough, nothing is imported but constants, and
// nothing is written that Node 12 could not parse.
import { oldestNode } from "./gen/package.gen.ts";

const [oldestMajor = 0, oldestMinor = 0] = oldestNode.split(".").map(Number);
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
  const message = `carrel needs Node ${oldestNode} or later: this is ${process.versions.node}`;
  if (process.argv.includes("--json")) console.log(JSON.stringify({ type: "error", exitCode: 2, message, hints: [] }));
  else console.error(message);
  process.exitCode = 2;
} else {
  // Without "await", which Node 12 does not know here. What it rejects with ends the process all the same.
  void import("./start.ts").then(({ start }) => start(process.argv.slice(2)));
}
