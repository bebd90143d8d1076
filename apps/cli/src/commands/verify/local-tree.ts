import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { onDisk, statOf } from "@carrel/node-stream/fs";

/** A file below the directory that is verified. */
export interface FoundFile {
  /** Relative to that directory, with slashes on every system. */
  readonly path: string;
  readonly sizeBytes: number;
}

/** What Carrel keeps for itself: records, locks, drafts, partial downloads of a mirror. */
const ownPrefix = ".carrel";

/** Lists the files below a directory, also behind links to files. Links to directories are not followed. */
export async function listFiles(root: string): Promise<ReadonlyMap<string, FoundFile>> {
  const files = new Map<string, FoundFile>();
  const visit = async (below: string): Promise<void> => {
    const directory = join(root, below);
    const entries = await onDisk("read", directory, () => readdir(directory, { withFileTypes: true }));
    for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
      if (entry.name.startsWith(ownPrefix)) continue;
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) await visit(path);
      const isFile = entry.isFile() || entry.isSymbolicLink();
      const stats = isFile ? await statOf(join(root, path)).catch(() => undefined) : undefined;
      if (stats?.kind === "file") files.set(path, { path, sizeBytes: stats.sizeBytes });
    }
  };
  await visit("");
  return files;
}

/** Returns the directories of files, the root as an empty text. */
export function directoriesOf(files: Iterable<string>): ReadonlySet<string> {
  const directories = new Set([""]);
  for (const path of files) {
    const parts = path.split("/");
    for (let length = 1; length < parts.length; length += 1) directories.add(parts.slice(0, length).join("/"));
  }
  return directories;
}
