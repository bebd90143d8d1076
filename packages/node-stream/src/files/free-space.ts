import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/**
 * Returns how many bytes can still be written to a directory, which need not exist yet; `undefined` where the system cannot
 * tell. Quotas of a user, and what compression saves, are not part of that number.
 *
 * @private Does not follow semantic versioning.
 */
export async function freeBytesAt(directory: string): Promise<number | undefined> {
  for (let at = resolve(directory); ; at = dirname(at)) {
    try {
      const { bavail, blocks, bsize } = await statfs(at);
      // Some file systems in user space state nothing.
      return blocks === 0 ? undefined : bavail * bsize;
    } catch {
      if (dirname(at) === at) return undefined;
    }
  }
}

const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/**
 * Writes a number of bytes for people, such as `286.1 MiB`.
 *
 * @private Does not follow semantic versioning.
 */
export function bytesText(bytes: number): string {
  const power = units.findLastIndex((_, index) => bytes >= 1024 ** index);
  const value = bytes / 1024 ** Math.max(0, power);
  return `${power <= 0 ? value : value.toFixed(1)} ${units[Math.max(0, power)]}`;
}
