import type { Stats } from "node:fs";
import { stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { systemClock, TransferError } from "@carrel/core";
import { sleep } from "@carrel/core/kit";
import { onDisk } from "./fs-error.ts";
import { isHeldHere, startBeating, stopBeating } from "./heartbeat.ts";
import { createLock, readLock } from "./lock-file.ts";
import type { NewFile } from "./lock-file.ts";
import { describeOwner, newOwner } from "./lock-owner.ts";
import { takeOver, watchHolder } from "./lock-takeover.ts";
import type { LockOptions } from "./lock-takeover.ts";
import { quote } from "@carrel/core/transfer";

const maxAttempts = 1_000;
const pauseMs = 50;
/** Bits of a mode by which the group, or everybody, may write. */
const othersWrite = 0o022;

/**
 * Another process took a lock over, or removed it: the process that held it must write, rename and delete nothing more.
 *
 * @private Does not follow semantic versioning.
 */
export class LockLostError extends TransferError {
  static override readonly brand: string = "LockLostError";

  constructor(message: string, path: string) {
    super(message, { problem: "lock-lost", path });
  }
}

/**
 * A lock between processes: a file that names its owner and holds a count, which rises for as long as the owner is alive.
 *
 * It is taken over when the count was seen to stand still for 20 seconds by the clock of the process that waits, or at once
 * when its owner is proved to be dead: same kernel, same pid namespace, no such process. No clocks of two machines are
 * compared, and a pid of another machine means nothing. An owner that was only held up notices at the next
 * {@link assertHeld}. Because it cannot notice earlier, a process that takes a lock over must not write to anything that
 * the owner may still have open: its files have the {@link token} of the lock in their names, which no two holders share.
 *
 * @private Does not follow semantic versioning.
 */
export class FileLock implements AsyncDisposable {
  readonly path: string;
  readonly token: string;
  readonly #newFile: NewFile;
  readonly #lost = new AbortController();

  private constructor(path: string, token: string, newFile: NewFile) {
    this.path = path;
    this.token = token;
    this.#newFile = newFile;
    startBeating({ path, token, onLost: () => this.#noticeLoss() });
  }

  /**
   * Acquires the lock at `path`.
   *
   * @param inUse - Makes the error for a lock that a living process holds: its argument says which process.
   * @throws {@link TransferError} `TRANSFER`, `obstacle`: something that is not a lock has its name.
   */
  static async acquire(path: string, inUse: (holder: string) => Error, options: LockOptions = {}): Promise<FileLock> {
    const owner = newOwner();
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      options.signal?.throwIfAborted();
      let created = await createLock(path, owner);
      if (created === undefined) {
        const existing = await readLock(path);
        if (existing === undefined) continue;
        const state = await watchHolder(path, existing, options);
        if (state === "alive") throw inUse(describeOwner(existing.owner));
        if (state === "changed") continue;
        created = await takeOver(path, owner, existing);
      }
      // Read back: creation is not exclusive on some network file systems, and may take so long that the lock was taken over.
      if (created !== undefined && (await readLock(path))?.owner?.token === owner.token) {
        return new FileLock(path, owner.token, created);
      }
      await sleep(systemClock, pauseMs);
    }
    throw new TransferError(`Cannot acquire the lock ${quote(path)}: other processes keep acquiring it`, {
      problem: "locked",
      path,
    });
  }

  /** Aborted soon after the lock was lost, with a {@link LockLostError}: at the next beat. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Makes sure that no other process took the lock over while this one did not respond.
   *
   * @throws {@link LockLostError} `TRANSFER`, `lock-lost`: another process did.
   * @throws {@link TransferError} `TRANSFER`, `disk`: the lock cannot be read, or its directory no longer exists.
   */
  async assertHeld(): Promise<void> {
    if (await this.isHeld()) return;
    const directory = dirname(this.path);
    await onDisk("lock", this.path, () => stat(directory));
    throw this.#noticeLoss();
  }

  /** Returns whether the lock is still this process's. */
  async isHeld(): Promise<boolean> {
    if (!isHeldHere(this.token)) return false;
    const current = await onDisk("read", this.path, () => readLock(this.path)).catch(ignoreObstacle);
    return current?.owner?.token === this.token;
  }

  /**
   * Returns whether a file belongs to the user of this process and nobody else may write to it, as far as the file system
   * tells users apart: some show every file as somebody's and open to all, this lock as well.
   */
  isOwn({ uid, mode }: Pick<Stats, "uid" | "mode">): boolean {
    return uid === this.#newFile.uid && (mode & othersWrite & ~this.#newFile.mode) === 0;
  }

  /** The rights that a new file gets in this directory if none are asked for. */
  get newFileMode(): number {
    return this.#newFile.newFileMode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const isHeld = await this.isHeld().catch(() => false);
    stopBeating(this.token);
    if (isHeld) await unlink(this.path).catch(() => {});
  }

  #noticeLoss(): LockLostError {
    const error = new LockLostError(
      `Lost the lock ${quote(this.path)}: another process took it over while this one did not respond, or the file was removed`,
      this.path,
    );
    stopBeating(this.token);
    this.#lost.abort(error);
    return error;
  }
}

function ignoreObstacle(error: unknown): undefined {
  if (!(error instanceof TransferError) || error.problem !== "obstacle") throw error;
}
