import { createHash } from "node:crypto";
import { mkdir, unlink } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { durableRename, makeDirectory, onDisk, quote, syncDirectory, systemCode } from "@carrel/node-stream/fs";
import { makeTwin } from "./twin.ts";

/**
 * Returns the absolute path of a directory for backups.
 * @throws TypeError it is inside the mirror, under a name that an item's directory could have.
 */
export function backupDirectoryOf(root: string, directory: string | URL): string {
  const path = resolve(typeof directory === "string" ? directory : fileURLToPath(directory));
  const below = relative(root, path);
  const isOutside = below === ".." || below.startsWith(`..${sep}`) || isAbsolute(below);
  if (isOutside || (below.startsWith(".") && !below.startsWith(".carrel-mirror"))) return path;
  throw new TypeError(
    `backupDirectory must be outside the mirror, or begin with a dot there: got ${quote(path)}, and the mirror is ${quote(root)}`,
  );
}

/** What was kept of what a run deleted or replaced. */
export interface KeptBackup {
  /** Absolute path of the directory that has it. */
  readonly directory: string;
  readonly files: number;
  readonly sizeBytes: number;
}

/**
 * Keeps files that are about to be deleted or replaced, in a directory that is named after the time of the run. A file has its
 * name there, durably, before the original goes: whatever happens, one of the two is there.
 */
export class Backup {
  readonly #base: string;
  readonly #stamp: string;
  /** Of the mirror alone: a run that was killed leaves one file at most, which the next one removes. */
  readonly #draft: string;
  #directory: Promise<string> | undefined;
  #opened: string | undefined;
  #files = 0;
  #bytes = 0;
  #last: Promise<void> = Promise.resolve();

  /** @param base - Absolute path. @param root - Absolute path of the mirror. */
  constructor(base: string, root: string, startedAt: Date) {
    this.#base = base;
    this.#stamp = startedAt
      .toISOString()
      .replace(/\.\d+Z$/u, "Z")
      .replaceAll(":", "-");
    this.#draft = join(base, `.carrel-mirror.${createHash("sha256").update(root).digest("hex").slice(0, 8)}.tmp`);
  }

  /** What was kept so far; `undefined` if nothing was. */
  get kept(): KeptBackup | undefined {
    if (this.#opened === undefined || this.#files === 0) return undefined;
    return { directory: this.#opened, files: this.#files, sizeBytes: this.#bytes };
  }

  /**
   * Keeps a file, of which the original can go afterwards.
   * @param directory - Name of the item's directory.
   * @throws `TransferError` `disk`: it cannot be kept.
   */
  async keep(path: string, directory: string, name: string, signal: AbortSignal): Promise<void> {
    // One after the other, because there is one draft.
    const turn = this.#last.then(() => this.#keep(path, directory, name, signal));
    this.#last = turn.catch(() => undefined);
    await turn;
  }

  async #keep(path: string, directory: string, name: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const below = join(await (this.#directory ??= this.#open()), directory);
    const target = join(below, name);
    await makeDirectory(below);
    await onDisk("create", target, async () => {
      await unlink(this.#draft).catch(() => undefined);
      const bytes = await makeTwin(path, this.#draft, signal);
      await durableRename(this.#draft, target);
      for (const each of [dirname(below), this.#base, dirname(this.#base)]) await syncDirectory(each);
      this.#files += 1;
      this.#bytes += bytes;
    });
  }

  /** Creates the directory of this run. Another run may have one of the same second. */
  async #open(): Promise<string> {
    await makeDirectory(this.#base);
    for (let count = 1; ; count += 1) {
      const path = join(this.#base, count === 1 ? this.#stamp : `${this.#stamp}-${count}`);
      try {
        await mkdir(path);
        return (this.#opened = path);
      } catch (error) {
        if (systemCode(error) === "EEXIST") continue;
        return await onDisk("create directory", path, () => Promise.reject(error as Error));
      }
    }
  }
}
