import { rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Digest } from "@carrel/node-stream";
import { durableRename, makeDirectory, onDisk, systemCode } from "@carrel/node-stream/fs";
import type { FileLock } from "@carrel/node-stream/fs";
import { hasDigest, isItemDirectory, lstatOf, notAFile, sizeOf } from "./local-files.ts";
import type { Reading } from "./local-files.ts";

/** What has the name of an item's directory. */
export type DirectoryKind = "directory" | "link" | "other";

/**
 * The place that a mirror is in, as far as it is about whole files: directories of items, and files in them, by their names. A
 * store has no directories; it would take them for beginnings of keys, and rename by copies. Changes are made only while this run
 * may make them: a directory is locked, a store would compare what was seen with what is there.
 */
export interface MirrorPlace {
  /** What people call it: an absolute path, or a URL. */
  readonly location: string;
  locationOf(directory: string, file?: string): string;
  /** Returns what has the name of an item's directory; `undefined` if nothing has. */
  kindOf(directory: string): Promise<DirectoryKind | undefined>;
  /**
   * Returns whether the directory of an item exists.
   * @throws `MirrorError` `through-link`, `obstacle`: something else has its name.
   */
  hasDirectory(directory: string): Promise<boolean>;
  /** Returns the size of a plain file; `undefined` if there is none. */
  sizeOf(directory: string, file: string): Promise<number | undefined>;
  /**
   * The same.
   * @throws `MirrorError` `obstacle`: something that is not a file has the name.
   */
  sizeOfFile(directory: string, file: string): Promise<number | undefined>;
  /** Returns whether a file has a digest. Reads all of it. */
  hasDigest(directory: string, file: string, digest: Digest, reading: Reading): Promise<boolean>;
  createDirectory(directory: string): Promise<void>;
  /** Gives a directory another name, which must be free. */
  renameDirectory(from: string, to: string): Promise<void>;
  /** Deletes a directory, unless something is in it. */
  deleteDirectory(directory: string): Promise<void>;
  deleteFile(directory: string, file: string): Promise<void>;
  /** Moves a file that was downloaded to where it belongs, in place of one that is there. */
  putFile(path: string, directory: string, file: string): Promise<void>;
}

/** A directory as such a place. */
export class DiskPlace implements MirrorPlace {
  readonly location: string;
  readonly #lock: FileLock | undefined;

  /** @param lock - The mirror's, where something is going to be changed. */
  constructor(root: string, lock?: FileLock) {
    this.location = root;
    this.#lock = lock;
  }

  locationOf(directory: string, file: string = ""): string {
    return join(this.location, directory, file);
  }

  async kindOf(directory: string): Promise<DirectoryKind | undefined> {
    const stats = await lstatOf(this.locationOf(directory));
    if (stats === undefined) return undefined;
    if (stats.isDirectory()) return "directory";
    return stats.isSymbolicLink() ? "link" : "other";
  }

  hasDirectory(directory: string): Promise<boolean> {
    return isItemDirectory(this.locationOf(directory));
  }

  sizeOf(directory: string, file: string): Promise<number | undefined> {
    return sizeOf(this.locationOf(directory, file));
  }

  async sizeOfFile(directory: string, file: string): Promise<number | undefined> {
    const path = this.locationOf(directory, file);
    const stats = await lstatOf(path);
    if (stats !== undefined && !stats.isFile()) throw notAFile(path, stats);
    return stats?.size;
  }

  hasDigest(directory: string, file: string, digest: Digest, reading: Reading): Promise<boolean> {
    return hasDigest(this.locationOf(directory, file), digest, reading);
  }

  createDirectory(directory: string): Promise<void> {
    return makeDirectory(this.locationOf(directory));
  }

  async renameDirectory(from: string, to: string): Promise<void> {
    await this.#lock?.assertHeld();
    const path = this.locationOf(from);
    await onDisk("rename", path, () => durableRename(path, this.locationOf(to)));
  }

  async deleteDirectory(directory: string): Promise<void> {
    const path = this.locationOf(directory);
    await onDisk("delete", path, () => rmdir(path).catch(ignoreForeign));
  }

  async deleteFile(directory: string, file: string): Promise<void> {
    await this.#lock?.assertHeld();
    const path = this.locationOf(directory, file);
    await onDisk("delete", path, () => unlink(path));
  }

  async putFile(path: string, directory: string, file: string): Promise<void> {
    await this.#lock?.assertHeld();
    await onDisk("rename", path, () => durableRename(path, this.locationOf(directory, file)));
  }
}

function ignoreForeign(error: unknown): void {
  if (!["ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) throw error;
}
