import { constants } from "node:fs";
import { open, readdir, rm, rmdir, unlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Digest } from "@carrel/node-stream";
import { durableRename, FileLock, freeBytesAt, makeDirectory, onDisk, quote, systemCode } from "@carrel/node-stream/fs";
import { DirectoryPlace } from "@carrel/vcsp";
import type { LibraryPlace } from "@carrel/vcsp";
import { Backup, backupDirectoryOf } from "./backup.ts";
import { DiskIncoming } from "./disk-incoming.ts";
import { DiskRecords } from "./disk-records.ts";
import {
  directoriesAbove,
  hasDigest,
  isItemDirectory,
  lstatOf,
  notAFile,
  sizeOf,
  unusableIncoming,
} from "./local-files.ts";
import type { Reading } from "./local-files.ts";
import type {
  DirectoryKind,
  Incoming,
  MirrorPlace,
  PlaceLock,
  PlaceLockOptions,
  WantedDigest,
} from "./mirror-place.ts";
import { incomingName, lockName, recordsName } from "./names.ts";

// Windows has no such flag.
const noFollow = process.platform === "win32" ? 0 : constants.O_NOFOLLOW;

/** Returns a directory as the place of a mirror; any other place as it is. */
export function placeOf(directory: string | URL | MirrorPlace): MirrorPlace {
  if (typeof directory === "string") return new DiskPlace(resolve(directory));
  return directory instanceof URL ? new DiskPlace(fileURLToPath(directory)) : directory;
}

/** A directory as the place of a mirror. */
class DiskPlace implements MirrorPlace {
  /** Absolute path. */
  readonly location: string;
  readonly label: string;
  readonly records: DiskRecords;
  readonly library: LibraryPlace;
  #lock: FileLock | undefined;

  constructor(root: string) {
    this.location = root;
    this.label = `Directory ${quote(root)}`;
    this.records = new DiskRecords(root, () => this.#lock);
    this.library = new DirectoryPlace(root);
  }

  async lock({ inUse, item, ...options }: PlaceLockOptions): Promise<PlaceLock> {
    const directory = item === undefined ? this.location : join(this.location, recordsName);
    await makeDirectory(directory);
    const path = join(directory, item === undefined ? lockName : `${item}.lock`);
    return (this.#lock = await onDisk("lock", path, () =>
      FileLock.acquire(path, (holder) => inUse(holder, path), options),
    ));
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

  async modifiedAtMs(directory: string, file: string): Promise<number> {
    return (await lstatOf(this.locationOf(directory, file)))?.mtimeMs ?? 0;
  }

  hasDigest(directory: string, file: string, digest: Digest, reading: Reading): Promise<boolean> {
    return hasDigest(this.locationOf(directory, file), digest, reading);
  }

  async digestOf(
    directory: string,
    name: string,
    { algorithm, sizeBytes: bytes }: WantedDigest,
    { digests, signal }: Reading,
  ): Promise<string> {
    const path = this.locationOf(directory, name);
    await using file = await onDisk("read", path, () => open(path, constants.O_RDONLY | noFollow));
    return await digests.digestOf(file.fd, algorithm, { bytes, signal });
  }

  async readFile(directory: string, name: string, maxBytes: number): Promise<Uint8Array | undefined> {
    await using file = await open(this.locationOf(directory, name));
    const { size } = await file.stat();
    return size > maxBytes ? undefined : await file.readFile();
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

  incoming(name: string): Incoming {
    const lock = this.#lock;
    if (lock === undefined) throw new TypeError("Nothing can arrive in a mirror that was opened without its lock");
    return new DiskIncoming(this, name, lock);
  }

  async arrivedBytes(name: string): Promise<number> {
    const directory = join(this.location, incomingName, name);
    const names = await readdir(directory).catch(() => []);
    const sizes = await Promise.all(names.map((each) => sizeOf(join(directory, each)).catch(() => 0)));
    return sizes.reduce<number>((sum, size = 0) => sum + size, 0);
  }

  /** @throws `MirrorError` `obstacle`: a link or another user's directory has their name; nothing is deleted through it. */
  async deleteDownloads(isWanted: (name: string, directory: string | undefined) => boolean): Promise<void> {
    const path = join(this.location, incomingName);
    const stats = await lstatOf(path);
    if (stats === undefined) return;
    if (!stats.isDirectory() || this.#lock?.isOwn(stats) === false) throw unusableIncoming(path, stats);
    await this.#lock?.assertHeld();
    await onDisk("delete", path, async () => {
      const old = (await readdir(path)).filter((name) => !isWanted(name, undefined));
      await Promise.all(old.map((name) => rm(join(path, name), { recursive: true, force: true })));
      // Succeeds when it is empty; a later run creates it again.
      await rmdir(path).catch(() => undefined);
    });
  }

  freeBytes(): Promise<number | undefined> {
    return freeBytesAt(this.location);
  }

  directoriesAbove(): Promise<readonly string[]> {
    return directoriesAbove(this.location);
  }

  backupTo(directory: string | URL, startedAt: Date): Backup {
    return new Backup(backupDirectoryOf(this.location, directory), this.location, startedAt);
  }
}

function ignoreForeign(error: unknown): void {
  if (!["ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) throw error;
}
