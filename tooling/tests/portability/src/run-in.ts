import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Runs one of the scripts of this folder in a process of a runtime. Returns the lines that it printed.
 * Throws where the process does not end by itself in time, or ends with anything but 0; the message is what it printed.
 */
export async function runIn(
  executable: string,
  flags: readonly string[],
  script: "main.ts" | "hold-lease.ts" | "node-download.ts",
  args: readonly string[],
): Promise<readonly string[]> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await run(executable, [...flags, path, ...args], { timeout: 30_000 });
  return stdout.split("\n").filter((line) => line !== "");
}
