import { spawnSync } from "node:child_process";
import process from "node:process";

// Not called by their names: they are part of the system, and not of a package.
const [mount, unmount] = ["mount", "umount"] as const;

/** Whether a small disk can be tried here: on Linux, as root. */
export const canMount: boolean = process.platform === "linux" && process.geteuid?.() === 0;

/**
 * Mounts a file system in memory at a directory, until disposed. `undefined` where nothing can be mounted, as in some
 * containers; where tests run by themselves that is an error.
 * @param size - Such as `1m` or `100k`.
 */
export function mountSmallDisk(path: string, size: string): Disposable | undefined {
  const { status } = spawnSync(mount, ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", path]);
  if (status === 0) return { [Symbol.dispose]: () => void spawnSync(unmount, [path]) };
  if (process.env["CI"] !== undefined) throw new Error("Nothing can be mounted here.");
  return undefined;
}
