import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { MirrorOptions } from "../../src/index.ts";
import type { Simulated } from "./fixture.ts";

const program = fileURLToPath(new URL("../child/mirror.mjs", import.meta.url));

/** Where a run is killed. */
export interface Kill {
  /** The number of the change of the disk before which it is killed. */
  readonly killBefore: number;
  /** Whether the disk has no links, as between two file systems. */
  readonly across?: boolean;
}

/** Mirrors the library in a process of its own that is killed. Returns whether it was: otherwise it came to its end. */
export async function runKilled(
  { simulator, libraryId }: Pick<Simulated, "simulator" | "libraryId">,
  directory: string,
  options: MirrorOptions,
  { killBefore, across = false }: Kill,
): Promise<boolean> {
  const { credentials, url } = simulator;
  const job = { ...credentials, endpoint: url.href, libraryId, directory, options, killBefore, across };
  const child = spawn(process.execPath, [program, JSON.stringify(job)], { stdio: ["ignore", "inherit", "inherit"] });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  if (code !== 0 && signal !== "SIGKILL") throw new Error(`The run ended with ${code ?? signal}.`);
  // Of what is killed, the server keeps sessions that nobody ends.
  simulator.expireDownloadSessions();
  simulator.expireApiSessions();
  return signal === "SIGKILL";
}
