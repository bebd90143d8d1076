import { TransferError } from "@carrel/core";
import { FileLock } from "../files/file-lock.ts";
import { onDisk } from "../files/fs-error.ts";
import { quote } from "../files/names.ts";
import { assertAbsent } from "./existing-file.ts";
import { inTurn } from "./in-turn.ts";
import type { SourceFile } from "./item-source.ts";
import type { ItemState } from "./item-state.ts";
import { assertNoObstacle } from "./obstacles.ts";
import { workFiles } from "./resume-record.ts";

/** Locks that are taken or released at once: each has a file open for a moment, and a process may have only so many. */
const atOnce = 8;

/** The locks of all files of a download, which are held from its start to its end. */
export class FileLocks implements AsyncDisposable {
  readonly #locks = new Map<string, FileLock>();
  readonly #stalledProcesses = new Set<string>();

  private constructor() {}

  /**
   * Locks files, and checks that nothing but a file has their names, and no file where that is to be an error. Leaves no
   * lock where one cannot be had. Where the holder of a lock shows no sign of life, it is watched, and that is an event.
   *
   * @throws {@link TransferError} `TRANSFER`: another process downloads a file, or something is in the way.
   */
  static async acquire(item: ItemState, files: readonly SourceFile[]): Promise<FileLocks> {
    const locks = new FileLocks();
    try {
      const work = files.map(
        ({ name }) =>
          (signal: AbortSignal) =>
            locks.#lock(item, name, signal),
      );
      await inTurn(work, { limit: atOnce, signal: item.signal });
      return locks;
    } catch (error) {
      await locks[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The lock of a file. */
  of(name: string): FileLock {
    const lock = this.#locks.get(name);
    if (lock === undefined) throw new RangeError(`No lock for ${quote(name)}`);
    return lock;
  }

  async #lock({ emit, folder, options }: ItemState, name: string, signal: AbortSignal): Promise<void> {
    const paths = workFiles(folder, name);
    await assertNoObstacle(paths.final);
    const lock = await onDisk("lock", paths.lock, () =>
      FileLock.acquire(paths.lock, inUse(name, paths.lock), {
        signal,
        stalledProcesses: this.#stalledProcesses,
        onWait: ({ holder, leftMs }) => emit({ type: "waiting", file: name, holder, leftMs }),
      }),
    );
    this.#locks.set(name, lock);
    if (options.existing === "error") await assertAbsent(paths.final);
  }

  /** Does something with each file and its lock, some at once. */
  async each(work: (name: string, lock: FileLock) => Promise<void>): Promise<void> {
    await inTurn(
      [...this.#locks].map(
        ([name, lock]) =>
          () =>
            work(name, lock),
      ),
      { limit: atOnce },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const locks = [...this.#locks.values()];
    this.#locks.clear();
    const work = locks.map((lock) => () => lock[Symbol.asyncDispose]());
    await inTurn(work, { limit: atOnce });
  }
}

function inUse(name: string, path: string): (holder: string) => TransferError {
  return (holder) =>
    new TransferError(`${quote(name)} is being downloaded to this directory by another process (${holder})`, {
      problem: "locked",
      path,
    });
}
