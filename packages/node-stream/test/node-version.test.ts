import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

/** Imports an entry in a process that takes itself for another version of Node. */
async function importIn(node: string, entry: string): Promise<string> {
  const code = `
    Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${node}" } });
    import("${entry}").then(() => console.log("imported"), ({ message }) => console.log(message));`;
  return (await run(process.execPath, ["--input-type=module", "--eval", code], { cwd: import.meta.dirname })).stdout;
}

test.for(["@carrel/node-stream", "@carrel/node-stream/fs", "@carrel/node-stream/task", "@carrel/node-stream/tls"])(
  "%s says which Node it needs",
  async (entry) => {
    const packageJson = await readFile(new URL("../package.json", import.meta.url), "utf8");
    const { engines } = JSON.parse(packageJson) as { readonly engines: { readonly node: string } };
    const needed = engines.node.replace(">=", "");
    for (const node of ["20.20.2", "22.19.9"]) {
      expect(await importIn(node, entry)).toBe(`@carrel/node-stream needs Node ${needed} or later: this is ${node}\n`);
    }
    for (const node of [`${needed}.0`, "24.0.0"]) expect(await importIn(node, entry)).toBe("imported\n");
  },
);
