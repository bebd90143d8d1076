import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { runBuilt } from "./support/run-cli.ts";

/** Makes a process take itself for another version of Node. */
const as = (node: string): { readonly NODE_OPTIONS: string } => {
  const versions = `{ value: { ...process.versions, node: "${node}" } }`;
  const code = `Object.defineProperty(process, "versions", ${versions});`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
};
const json = (text: string): unknown => JSON.parse(text);
const packageJson = new URL("../package.json", import.meta.url);

test.for(["12.22.12", "20.20.2", "22.0.0", "22.19.9"])("Node %s is too old: one sentence, and 2", async (node) => {
  const message = `carrel needs Node 22.20 or later: this is ${node}`;
  for (const args of [["demo"], ["ls", "Images"], ["--version"], []]) {
    expect(await runBuilt(args, as(node))).toEqual({ exitCode: 2, stdout: "", stderr: `${message}\n` });
  }
  const { exitCode, stdout, stderr } = await runBuilt(["ls", "--json"], as(node));
  const error = { code: "USAGE", retryable: false, message, hints: [], exitCode: 2 };
  expect([exitCode, json(stdout), stderr]).toEqual([2, { type: "error", error }, ""]);
});

test.for(["22.20.0", "22.21.1-nightly", "23.0.0", "26.10.0", "100.0.0"])("Node %s is new enough", async (node) => {
  const { version } = json(await readFile(packageJson, "utf8")) as { readonly version: string };
  expect(await runBuilt(["--version"], as(node))).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: "" });
});
