import { TransferError } from "@carrel/core";
import { FileLock } from "../files/file-lock.ts";
import { onDisk } from "../files/fs-error.ts";
import { quote } from "../files/names.ts";
import { assertAbsent, assertNoObstacle } from "../sink/disk-existing-file.ts";
import { FilePaths } from "../sink/file-paths.ts";
import { runLimited } from "./run-limited.ts";
import type { SourceFile } from "./item-source.ts";
import type { ItemState } from "./item-state.ts";

/** Locks that are acquired or released at once: each has a file open for a moment, and the number of files that a process may open is limited. */
const locksAtOnce = 8;

/** Where a file is on the disk, and the lock that keeps other processes away from it. */
export interface LockedFile {
  readonly paths: FilePaths;
  readonly lock: FileLock;
}

/** The locks of all files of a download, which are held from its start to its end. */
export class FileLocks implements AsyncDisposable {
  readonly #files = new Map<string, LockedFile>();
  readonly #stalledProcesses = new Set<string>();

  private constructor() {}

  /**
   * Locks files, and checks that nothing but a file has their names, and no file if that is to be an error. Leaves no lock if
   * one of them fails. A lock whose holder shows no sign of life is watched, and a `waiting` event says so.
   *
   * @throws {@link TransferError} `TRANSFER`, `locked`: another process downloads a file; `obstacle`: something that is not a
   * file has the name; `exists`: a file exists, with `existing: "error"`.
   */
  static async acquire(item: ItemState, files: readonly SourceFile[]): Promise<FileLocks> {
    const locks = new FileLocks();
    try {
      const work = files.map(
        ({ name }) =>
          (signal: AbortSignal) =>
            locks.#lock(item, name, signal),
      );
      await runLimited(work, { limit: locksAtOnce, signal: item.signal });
      return locks;
    } catch (error) {
      await locks[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Returns the paths and the lock of a file. */
  of(name: string): LockedFile {
    const file = this.#files.get(name);
    if (file === undefined) throw new RangeError(`No lock for ${quote(name)}`);
    return file;
  }

  async #lock({ emit, directory, options }: ItemState, name: string, signal: AbortSignal): Promise<void> {
    const paths = new FilePaths(directory, name);
    await assertNoObstacle(paths.final);
    const lock = await onDisk("lock", paths.lock, () =>
      FileLock.acquire(paths.lock, inUse(name, paths.lock), {
        signal,
        stalledProcesses: this.#stalledProcesses,
        onWait: ({ holder, leftMs }) => emit({ type: "waiting", file: name, holder, leftMs }),
      }),
    );
    this.#files.set(name, { paths, lock });
    if (options.existing === "error") await assertAbsent(paths.final);
  }

  /** Does something with each file, some at once. */
  async each(work: (name: string, file: LockedFile) => Promise<void>): Promise<void> {
    const pieces = [...this.#files].map(
      ([name, file]) =>
        () =>
          work(name, file),
    );
    await runLimited(pieces, { limit: locksAtOnce });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    const work = files.map(
      ({ lock }) =>
        () =>
          lock[Symbol.asyncDispose](),
    );
    await runLimited(work, { limit: locksAtOnce });
  }
}

function inUse(name: string, path: string): (holder: string) => TransferError {
  return (holder) =>
    new TransferError(`${quote(name)} is being downloaded to this directory by another process (${holder})`, {
      problem: "locked",
      path,
    });
}
