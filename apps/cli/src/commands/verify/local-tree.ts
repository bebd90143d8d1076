import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { onDisk, statOf } from "@carrel/node-stream/fs";

/** A file below the directory that is verified. */
export interface FoundFile {
  /** Relative to that directory, with slashes on every system. */
  readonly path: string;
  readonly sizeBytes: number;
}

/** What is below the directory that is verified. */
export interface LocalTree {
  /** By path. */
  readonly files: ReadonlyMap<string, FoundFile>;
  /** Itself as an empty text, and those below it: one whose files are gone may have a record of them. */
  readonly directories: readonly string[];
}

/** What Carrel keeps for itself: records, locks, drafts, partial downloads of a mirror. */
const ownPrefix = ".carrel";

/** Lists what is below a directory, also behind links to files. Links to directories are not followed. */
export async function listTree(root: string): Promise<LocalTree> {
  const files = new Map<string, FoundFile>();
  const directories: string[] = [];
  const visit = async (below: string): Promise<void> => {
    const directory = join(root, below);
    directories.push(below);
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
  return { files, directories };
}
