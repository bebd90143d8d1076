#!/usr/bin/env node
// Runs on every Node that supports modules. Until the version is known to be new enough, nothing is imported but constants,
// and the syntax is what Node 12 can parse.
import { oldestNode } from "./gen/package.gen.ts";

const [oldestMajor = 0, oldestMinor = 0] = oldestNode.split(".").map(Number);
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
  const message = `carrel needs Node ${oldestNode} or later: this is ${process.versions.node}`;
  const error = { code: "USAGE", retryable: false, message, hints: [], exitCode: 2 };
  if (process.argv.includes("--json")) console.log(JSON.stringify({ type: "error", error }));
  else console.error(message);
  process.exitCode = 2;
} else {
  // Without "await", which Node 12 does not allow here. A rejection ends the process anyway.
  void import("./start.ts").then(({ start }) => start(process.argv.slice(2)));
}
