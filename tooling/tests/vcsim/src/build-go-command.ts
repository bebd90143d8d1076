import { execFile } from "node:child_process";
import { rename, rm } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { promisify } from "node:util";
import type { GoCommand } from "./go-command.ts";

const run = promisify(execFile);

/**
 * Builds a command with the given `go`, and resolves with the time it took in milliseconds. The first build on a machine
 * takes about a minute and fetches govmomi from the Go module proxy; later ones take a second.
 */
export async function buildGoCommand(go: string, command: GoCommand): Promise<number> {
  const { name, module, binary } = command;
  const started = performance.now();
  // Linked under another name first: another process may be running, or building, the same command.
  const linked = `${binary}.${process.pid}`;
  try {
    await run(go, ["build", "-o", linked, "."], { cwd: module });
    await rename(linked, binary);
  } catch (error) {
    const output = (error as { stderr?: string }).stderr?.trim();
    const detail = output === undefined || output === "" ? "See the cause." : output;
    throw new Error(`${name} could not be built in ${module} with ${go}.\n${detail}`, { cause: error });
  } finally {
    await rm(linked, { force: true });
  }
  return performance.now() - started;
}
