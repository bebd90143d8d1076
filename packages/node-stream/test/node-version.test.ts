import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

const entries = ["", "/fs", "/task", "/tls"].map((name) => `@carrel/node-stream${name}`);

/** What comes of importing each entry in a process that takes itself for another version of Node. */
async function importIn(node: string): Promise<readonly string[]> {
  const code = `
    Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${node}" } });
    for (const entry of ${JSON.stringify(entries)})
      await import(entry).then(() => console.log("imported"), ({ message }) => console.log(message));`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", code], { cwd: import.meta.dirname });
  return stdout.trimEnd().split("\n");
}

test("@carrel/node-stream and its other entries say which Node they need", async () => {
  const packageJson = await readFile(new URL("../package.json", import.meta.url), "utf8");
  const { engines } = JSON.parse(packageJson) as { readonly engines: { readonly node: string } };
  const needed = engines.node.replace(">=", "");
  for (const node of ["20.20.2", "22.19.9"]) {
    const message = `@carrel/node-stream needs Node ${needed} or later: this is ${node}`;
    expect(await importIn(node)).toEqual(entries.map(() => message));
  }
  for (const node of [`${needed}.0`, "24.0.0"]) expect(await importIn(node)).toEqual(entries.map(() => "imported"));
});
