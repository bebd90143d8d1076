import { DigestThread, quote } from "@carrel/node-stream/fs";
import type { LockWait } from "@carrel/node-stream/fs";
import type { Backup } from "../place/backup.ts";
import { MirrorError } from "../errors.ts";
import type { MirrorPlace, PlaceLock } from "../place/mirror-place.ts";
import { recordFor } from "../place/names.ts";
import { MirrorRecord } from "./record.ts";
import type { LibraryName } from "./record-text.ts";

/** How a mirror is opened. */
export interface OpenOptions {
  readonly signal: AbortSignal;
  /** Called where another run has the lock and shows no sign of life. */
  readonly onWait: (wait: LockWait) => void;
  /** Where files are kept that are deleted or replaced. */
  readonly backup?: Backup;
  /** Whether others may be writing records of items meanwhile: their drafts are left alone. */
  readonly isShared?: boolean;
}

/** A place that this run alone may change: its lock, its record, and where digests of its files are computed. */
export class Mirror implements AsyncDisposable {
  readonly lock: PlaceLock;
  readonly record: MirrorRecord;
  readonly place: MirrorPlace;
  readonly digests: DigestThread = new DigestThread();
  /** Where files are kept that are deleted or replaced; nowhere where it is undefined. */
  readonly backup: Backup | undefined;

  private constructor(place: MirrorPlace, lock: PlaceLock, record: MirrorRecord, backup: Backup | undefined) {
    this.place = place;
    this.lock = lock;
    this.record = record;
    this.backup = backup;
  }

  /**
   * Creates the place where it does not exist, takes its lock, and reads its record.
   * @throws {@link MirrorError} `locked`, `other-library`, `record`, `record-owner`.
   */
  static async open(
    place: MirrorPlace,
    library: LibraryName,
    { backup, isShared, ...options }: OpenOptions,
  ): Promise<Mirror> {
    const inUse = (holder: string, path: string): MirrorError =>
      new MirrorError(`Cannot mirror to ${quote(place.location)}: another run is mirroring to it (${holder})`, {
        problem: "locked",
        path,
        holder,
      });
    const lock = await place.lock({ ...options, inUse });
    try {
      const record = await MirrorRecord.open(place, library);
      if (!isShared) await record.deleteDrafts();
      return new Mirror(place, lock, record, backup);
    } catch (error) {
      await lock[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Takes the lock of one item, and reads its record.
   * @param openRecord - Opens the record, once the lock is held.
   * @throws {@link MirrorError} `locked`, and what `openRecord` throws.
   */
  static async openItem(
    place: MirrorPlace,
    item: string,
    openRecord: () => Promise<MirrorRecord>,
    { signal, onWait }: Pick<OpenOptions, "signal" | "onWait">,
  ): Promise<Mirror> {
    const inUse = (holder: string, path: string): MirrorError =>
      new MirrorError(`Cannot update item ${item} in ${quote(place.location)}: another run is at it (${holder})`, {
        problem: "locked",
        path,
        holder,
      });
    const lock = await place.lock({ item: recordFor(item), signal, onWait, inUse });
    try {
      const record = await openRecord();
      await record.deleteDrafts(item);
      return new Mirror(place, lock, record, undefined);
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
