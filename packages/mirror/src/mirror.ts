import { join } from "node:path";
import { DigestThread, FileLock, makeDirectory, onDisk, quote } from "@carrel/node-stream/fs";
import type { LockWait } from "@carrel/node-stream/fs";
import type { Backup } from "./backup.ts";
import { MirrorError } from "./errors.ts";
import { lockName } from "./names.ts";
import { DiskPlace } from "./mirror-place.ts";
import type { MirrorPlace } from "./mirror-place.ts";
import { MirrorRecord } from "./record.ts";
import type { LibraryName } from "./record-text.ts";

/** How a mirror is opened. */
export interface OpenOptions {
  readonly signal: AbortSignal;
  /** Called where another run has the lock and shows no sign of life. */
  readonly onWait: (wait: LockWait) => void;
  /** Where files are kept that are deleted or replaced. */
  readonly backup?: Backup;
}

/** A directory that this run alone may change: its lock, its record, and where digests of its files are computed. */
export class Mirror implements AsyncDisposable {
  /** Absolute path. */
  readonly root: string;
  readonly lock: FileLock;
  readonly record: MirrorRecord;
  readonly place: MirrorPlace;
  readonly digests: DigestThread = new DigestThread();
  /** Where files are kept that are deleted or replaced; nowhere where it is undefined. */
  readonly backup: Backup | undefined;

  private constructor(root: string, lock: FileLock, record: MirrorRecord, backup: Backup | undefined) {
    this.root = root;
    this.place = new DiskPlace(root, lock);
    this.lock = lock;
    this.record = record;
    this.backup = backup;
  }

  /**
   * Creates the directory where it does not exist, takes its lock, and reads its record.
   * @throws {@link MirrorError} `locked`, `other-library`, `record`, `record-owner`.
   */
  static async open(root: string, library: LibraryName, options: OpenOptions): Promise<Mirror> {
    await makeDirectory(root);
    const path = join(root, lockName);
    const inUse = (holder: string): MirrorError =>
      new MirrorError(`Cannot mirror to ${quote(root)}: another run is mirroring to it (${holder})`, {
        problem: "locked",
        path,
        holder,
      });
    const lock = await onDisk("lock", path, () => FileLock.acquire(path, inUse, options));
    try {
      const record = await MirrorRecord.open(root, library, lock);
      await record.deleteDrafts();
      return new Mirror(root, lock, record, options.backup);
    } catch (error) {
      await lock[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.digests[Symbol.asyncDispose]();
    await this.lock[Symbol.asyncDispose]();
  }
}
