import { unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { durableRename, makeDirectory, onDisk, readPlainFile, systemCode, writeNewFile } from "@carrel/node-stream/fs";
import type { LibraryPlace, PlaceFile } from "./place.ts";

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
    const directory = dirname(absolute);
    // Hidden, so that it is not served before it has its name.
    const temporary = join(directory, `.${path.slice(path.lastIndexOf("/") + 1)}.tmp`);
    await makeDirectory(directory);
    await onDisk("write", absolute, async () => {
      await writeNewFile(temporary, text, { mode, sync: true });
      await durableRename(temporary, absolute);
    });
  }

  async delete(path: string): Promise<void> {
    const absolute = this.#pathOf(path);
    await onDisk("delete", absolute, () => unlink(absolute).catch(absent));
  }

  #pathOf(path: string): string {
    return join(this.label, ...path.split("/"));
  }
}

function absent(error: unknown): undefined {
  const code = systemCode(error) ?? systemCode((error as { readonly cause?: unknown }).cause);
  if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
}
