import type { BigIntStats } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { partialSuffixes, systemCode } from "@carrel/node-stream/fs";
import { isServablePath } from "../href.ts";

/** A file that may be served. */
export interface ServableFile {
  /** Relative to the library, with `/` between names. */
  readonly path: string;
  readonly stats: BigIntStats;
}

/**
 * Finds the file that the target of a request names; `undefined` where there is none that may be served: hidden, incomplete, a
 * directory, or outside of the library, also through a link.
 */
export async function findServable(root: string, target: string): Promise<ServableFile | undefined> {
  const path = pathIn(target);
  if (path === undefined || !isServablePath(path) || partialSuffixes.some((suffix) => path.endsWith(suffix)))
    return undefined;
  try {
    const absolute = await realpath(join(root, ...path.split("/")));
    if (!absolute.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined;
    const stats = await stat(absolute, { bigint: true });
    return stats.isFile() ? { path, stats } : undefined;
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "EACCES"].includes(systemCode(error) ?? "")) return undefined;
    throw error;
  }
}

/** The path of a request's target, which may also be a whole URL. */
function pathIn(target: string): string | undefined {
  const pathname = target.startsWith("/") ? target.replace(/[?#].*$/su, "") : (URL.parse(target)?.pathname ?? "");
  try {
    return decodeURIComponent(pathname).slice(1);
  } catch {
    return undefined;
  }
}
