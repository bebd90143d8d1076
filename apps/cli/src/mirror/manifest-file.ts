import { readdir, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { durableRename, onDisk, readPlainFile, writeNewFile } from "@carrel/node-stream/fs";
import type { FileLock } from "@carrel/node-stream/fs";
import { CliError } from "../process/cli-error.ts";
import { exitCodes } from "../process/exit-code.ts";
import type { Resolved } from "../names/resolve-name.ts";
import { printable } from "../output/printable.ts";
import { manifestName } from "./mirror-paths.ts";
import type { MirroredItem } from "./mirrored-item.ts";
import { parseManifest } from "./parse-manifest.ts";

/** A manifest takes some 250 bytes for each file: this is enough for half a million. */
const maxBytes = 128 * 1024 * 1024;

/** The file in which a mirror keeps what it put there. */
export class ManifestFile {
  readonly #path: string;
  readonly #library: Resolved;
  readonly #lock: FileLock | undefined;
  readonly #items: Map<string, MirroredItem>;
  #last: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  private constructor(path: string, library: Resolved, lock: FileLock | undefined, items: readonly MirroredItem[]) {
    this.#path = path;
    this.#library = library;
    this.#lock = lock;
    this.#items = new Map(items.map((item) => [item.id, item]));
  }

  /**
   * Reads the manifest of a folder, where there is one.
   * @param lock - The mirror's, where it is going to be changed.
   * @throws {@link CliError} it is the mirror of another library, cannot be understood, or others can have written it.
   * @throws `TransferError` it is not a plain file, or too large, or cannot be read.
   */
  static async open(folder: string, { id, name }: Resolved, lock?: FileLock): Promise<ManifestFile> {
    const path = join(folder, manifestName);
    const file = await onDisk("read", path, () => readPlainFile(path, maxBytes));
    // Only with the lock is it known how the file system shows what is this user's; and only then anything is deleted by it.
    if (file !== undefined && lock?.isOwn(file.stats) === false) {
      throw refusal(
        `Cannot use manifest ${path}: it belongs to another user, or others may write to it`,
        "It decides which files are deleted. Run mirror as its owner, or make it writable for the owner only.",
        "Or move it away: existing files are then compared with the checksums on the server, and those that match are kept.",
      );
    }
    const text = file?.text;
    const manifest = text === undefined ? undefined : parseManifest(text);
    if (text !== undefined && manifest === undefined) {
      throw refusal(
        `Cannot parse manifest ${path}`,
        "Move it away: existing files are then compared with the checksums on the server, and those that match are kept.",
      );
    }
    if (manifest !== undefined && manifest.library.id !== id) {
      throw refusal(
        `Directory ${folder} mirrors another library: "${printable(manifest.library.name)}" (${manifest.library.id})`,
        `Choose another directory; or move ${manifestName} away to mirror "${printable(name)}" from now on.`,
      );
    }
    return new ManifestFile(path, { id, name }, lock, manifest?.items ?? []);
  }

  /** What mirror put there, by the items' ids. */
  get items(): ReadonlyMap<string, MirroredItem> {
    return this.#items;
  }

  /** Changes the manifest. Resolves when it is on the disk; changes of the same moment are written at once. */
  update(change: (items: Map<string, MirroredItem>) => void): Promise<void> {
    change(this.#items);
    this.#next ??= this.#last.then(() => {
      this.#next = undefined;
      return this.#write();
    });
    this.#last = this.#next.catch(() => undefined);
    return this.#next;
  }

  /** Writes it under a name of this run's own, and renames that only while the lock is held. */
  async #write(): Promise<void> {
    const text = JSON.stringify({ format: 1, library: this.#library, items: [...this.#items.values()] });
    const lock = this.#lock;
    if (lock === undefined) throw new TypeError("A manifest that was opened without the lock is not written.");
    const draft = `${this.#path}.${lock.token}.tmp`;
    await onDisk("write", this.#path, async () => {
      try {
        await writeNewFile(draft, `${text}\n`, { mode: 0o644, sync: true });
        await lock.assertHeld();
        await durableRename(draft, this.#path);
      } catch (error) {
        await unlink(draft).catch(() => undefined);
        throw error;
      }
    });
  }

  /** Removes what runs left that were killed while they wrote it. */
  async removeDrafts(): Promise<void> {
    const folder = dirname(this.#path);
    for (const name of await onDisk("read", folder, () => readdir(folder))) {
      const rest = name.startsWith(manifestName) ? name.slice(manifestName.length) : "";
      if (!/^\.[0-9a-f]{8}\.tmp$/u.test(rest)) continue;
      await this.#lock?.assertHeld();
      await unlink(join(folder, name)).catch(() => undefined);
    }
  }
}

function refusal(message: string, ...hints: readonly string[]): CliError {
  return new CliError(message, { exitCode: exitCodes.failed, hints });
}
