import { execFile } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { promisify } from "node:util";

/** Makes the directory empty, and waits until nothing of the run before is still on its way to the disk. */
export async function emptied(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await promisify(execFile)("sync");
}
