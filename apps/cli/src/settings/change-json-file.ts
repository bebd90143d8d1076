import { setTimeout as sleep } from "node:timers/promises";
import { FileLock } from "@carrel/node-stream/fs";
import { CliError } from "../process/cli-error.ts";
import { exitCodes } from "../process/exit-code.ts";
import { cannotWrite, writeJsonFile } from "./json-file.ts";
import { makeOwnFolder } from "./own-file.ts";

const patienceMs = 10_000;
const pauseMs = 20;

/**
 * Reads, changes and writes a JSON file while no other process of this program does, so that neither loses what the other wrote.
 * @throws {@link CliError} exit code 1: it cannot be written, or others may write in its directory.
 * @param change - Reads the file and returns what is to be written; nothing where it is to stay.
 */
export async function changeJsonFile(
  path: string | undefined,
  change: () => Promise<object | undefined>,
): Promise<void> {
  if (path === undefined) throw homeless();
  await makeOwnFolder(path).catch((error: unknown) => {
    throw error instanceof CliError ? error : cannotWrite(path, error);
  });
  await using _ = await lock(path);
  const value = await change();
  if (value !== undefined) await writeJsonFile(path, value);
}

/** It is held for a moment only, so whoever finds it taken waits. */
async function lock(path: string): Promise<FileLock> {
  const lockPath = `${path}.lock`;
  const until = performance.now() + patienceMs;
  const busy = inUse(path, lockPath);
  for (;;) {
    try {
      return await FileLock.acquire(lockPath, () => busy);
    } catch (error) {
      if (error !== busy) throw cannotWrite(path, error);
      if (performance.now() > until) throw busy;
    }
    await sleep(pauseMs);
  }
}

function inUse(path: string, lockPath: string): CliError {
  return new CliError(`Cannot write ${path}: it is in use by another process`, {
    exitCode: exitCodes.failed,
    hints: [`Try again. If no other carrel runs, delete ${lockPath}`],
  });
}

function homeless(): CliError {
  return new CliError(
    "Cannot find a directory for settings: HOME is not an absolute path, and the system knows no home directory",
    {
      exitCode: exitCodes.failed,
      hints: ["Set HOME or XDG_STATE_HOME to an absolute path."],
    },
  );
}
