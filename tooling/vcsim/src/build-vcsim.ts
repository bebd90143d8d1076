import { execFile } from "node:child_process";
import { rename, rm } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { promisify } from "node:util";
import { goModule, vcsimBinary } from "./vcsim-binary.ts";

const run = promisify(execFile);

/** How a build went. */
export interface VcsimBuild {
  /** The server's executable file. */
  readonly binary: string;
  readonly durationMs: number;
}

/**
 * Builds the server with the given `go`. The first build on a machine takes about a minute and fetches govmomi from the
 * Go module proxy; later ones take a second.
 */
export async function buildVcsim(go: string): Promise<VcsimBuild> {
  const started = performance.now();
  // Linked under another name first: another process may be running, or building, the same server.
  const linked = `${vcsimBinary}.${process.pid}`;
  try {
    await run(go, ["build", "-o", linked, "."], { cwd: goModule });
    await rename(linked, vcsimBinary);
  } catch (error) {
    const output = (error as { stderr?: string }).stderr?.trim();
    const detail = output === undefined || output === "" ? "See the cause." : output;
    throw new Error(`vcsim could not be built in ${goModule} with ${go}.\n${detail}`, { cause: error });
  } finally {
    await rm(linked, { force: true });
  }
  return { binary: vcsimBinary, durationMs: performance.now() - started };
}
