import { unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { durableRename, makeDirectory, onDisk, readPlainFile, systemCode, writeNewFile } from "@carrel/node-stream/fs";

/** A file that was read from a place. */
export interface PlaceFile {
  readonly text: string;
  /** When it was last changed, in milliseconds since 1970. */
  readonly modifiedAtMs: number;
}

/**
 * Where a library is published: a directory, or a prefix of an object store. Paths are relative to it, with `/` between names.
 */
export interface LibraryPlace {
  /** For messages, such as `/srv/images` or `s3://images/lab`. */
  readonly label: string;
  /** Reads a small file; `undefined` if there is none. */
  read(path: string): Promise<PlaceFile | undefined>;
  /** Writes a small file so that readers see the one before or this one, and nothing in between. */
  write(path: string, text: string): Promise<void>;
  /** Deletes a small file; does nothing if there is none. */
  delete(path: string): Promise<void>;
}

/** A list of 100,000 items with a few files each has some 100 MiB. */
const maxBytes = 256 * 1024 * 1024;
/** Readable for a web server that runs as another user. */
const mode = 0o644;

/** A directory that a library is published in. */
export class DirectoryPlace implements LibraryPlace {
  readonly label: string;

  constructor(directory: string) {
    this.label = resolve(directory);
  }

  async read(path: string): Promise<PlaceFile | undefined> {
    const absolute = this.#pathOf(path);
    const file = await onDisk("read", absolute, () => readPlainFile(absolute, maxBytes)).catch(absent);
    return file && { text: file.text, modifiedAtMs: file.stats.mtimeMs };
  }

  async write(path: string, text: string): Promise<void> {
    const absolute = this.#pathOf(path);
    const temporary = draftOf(absolute);
    await makeDirectory(dirname(absolute));
    await onDisk("write", absolute, async () => {
      await writeNewFile(temporary, text, { mode, sync: true });
      await durableRename(temporary, absolute);
    });
  }

  async delete(path: string): Promise<void> {
    const absolute = this.#pathOf(path);
    await onDisk("delete", absolute, async () => {
      await unlink(absolute).catch(absent);
      // Of a run that was killed.
      await unlink(draftOf(absolute)).catch(absent);
    });
  }

  #pathOf(path: string): string {
    return join(this.label, ...path.split("/"));
  }
}

/** Hidden, so that it is not served before it has its name. */
function draftOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.tmp`);
}

function absent(error: unknown): undefined {
  const code = systemCode(error) ?? systemCode((error as { readonly cause?: unknown }).cause);
  if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
}
