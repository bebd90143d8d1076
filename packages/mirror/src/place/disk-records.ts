import { lstat, mkdir, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { DurableDirectory, onDisk, quote, readPlainFile, systemCode, writeNewFile } from "@carrel/node-stream/fs";
import type { FileLock } from "@carrel/node-stream/fs";
import { MirrorError } from "../errors.ts";
import { lstatOf, unusableRecords } from "./local-files.ts";
import { recordName, recordsName } from "./names.ts";
import { mirrorKey } from "./record-store.ts";
import type { ItemKey, RecordKey, RecordStore } from "./record-store.ts";

/** Records of items of earlier versions are in one file: some 250 bytes for each file, enough for half a million. */
const maxBytes = 128 * 1024 * 1024;

/** Records in the directory of the mirror. */
export class DiskRecords implements RecordStore {
  readonly #root: string;
  readonly #directory: string;
  readonly #held: () => FileLock | undefined;
  readonly #names: { readonly root: DurableDirectory; readonly items: DurableDirectory };

  /** @param held - Returns the mirror's lock, once this run has it. */
  constructor(root: string, held: () => FileLock | undefined = () => undefined) {
    this.#root = root;
    this.#directory = join(root, recordsName);
    this.#held = held;
    this.#names = { root: new DurableDirectory(root), items: new DurableDirectory(this.#directory) };
  }

  locationOf(name: RecordKey): string {
    return name === mirrorKey ? join(this.#root, recordName) : join(this.#directory, name);
  }

  /**
   * @throws {@link MirrorError} `record-owner`.
   * @throws `TransferError` `obstacle`, `disk`: it is not a plain file, or too large, or cannot be read.
   */
  async read(name: RecordKey): Promise<string | undefined> {
    const path = this.locationOf(name);
    const file = await onDisk("read", path, () => readPlainFile(path, maxBytes));
    // Only with the lock is it known how the file system shows what is this user's; and only then anything is deleted by it.
    if (file !== undefined && this.#held()?.isOwn(file.stats) === false) {
      throw new MirrorError(
        `Cannot use the mirror's record ${quote(path)}: it belongs to another user, or others may write to it`,
        { problem: "record-owner", path },
      );
    }
    return file?.text;
  }

  /** @throws {@link MirrorError} `obstacle`: something else, or another user's directory, has their name. */
  async items(): Promise<readonly ItemKey[]> {
    const stats = await lstatOf(this.#directory);
    if (stats === undefined) return [];
    if (!stats.isDirectory() || this.#held()?.isOwn(stats) === false) throw unusableRecords(this.#directory, stats);
    const names = await onDisk("read", this.#directory, () => readdir(this.#directory));
    return names.filter((name): name is ItemKey => name.endsWith(".json"));
  }

  async write(name: RecordKey, text: string): Promise<void> {
    const lock = this.#held();
    if (lock === undefined) throw new TypeError("A record that was opened without the lock cannot be written");
    const path = this.locationOf(name);
    // A name of this run's own, which is renamed only while the lock is held.
    const draft = `${path}.${lock.token}.tmp`;
    await onDisk("write", path, async () => {
      try {
        await writeNewFile(draft, text, { mode: 0o644, sync: true });
        await lock.assertHeld();
        await (name === mirrorKey ? this.#names.root : this.#names.items).rename(draft, path);
      } catch (error) {
        await unlink(draft).catch(() => undefined);
        throw error;
      }
    });
  }

  async delete(name: ItemKey): Promise<void> {
    await this.#held()?.assertHeld();
    const path = this.locationOf(name);
    await onDisk("delete", path, () => unlink(path).catch(ignoreMissing));
  }

  /** Creates the directory of the records of items. */
  async create(): Promise<void> {
    await this.#held()?.assertHeld();
    await onDisk("create directory", this.#directory, () => mkdir(this.#directory, 0o755).catch(ignoreExisting));
    // One that exists must be this user's.
    await this.items();
  }

  /** Deletes the drafts of runs that were killed while they wrote a record. */
  async deleteDrafts(item?: ItemKey): Promise<void> {
    if (item === undefined) await this.#deleteDraftsOf(this.#root, (name) => name === recordName);
    const stats = await lstat(this.#directory).catch(() => undefined);
    if (stats?.isDirectory() && this.#held()?.isOwn(stats)) {
      await this.#deleteDraftsOf(this.#directory, (name) =>
        item === undefined ? name.endsWith(".json") : name === item,
      );
    }
  }

  async #deleteDraftsOf(directory: string, isRecord: (name: string) => boolean): Promise<void> {
    for (const name of await onDisk("read", directory, () => readdir(directory))) {
      const record = /^(.*)\.[0-9a-f]{8}\.tmp$/u.exec(name)?.[1];
      if (record === undefined || !isRecord(record)) continue;
      await this.#held()?.assertHeld();
      await unlink(join(directory, name)).catch(() => undefined);
    }
  }
}

function ignoreMissing(error: unknown): void {
  if (systemCode(error) !== "ENOENT") throw error;
}

function ignoreExisting(error: unknown): void {
  if (systemCode(error) !== "EEXIST") throw error;
}
