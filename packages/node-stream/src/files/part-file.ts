import { constants } from "node:fs";
import { open, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { ignoreForbiddenSync, onDisk, systemCode } from "./fs-error.ts";

// Never through a symbolic link that someone put there.
const noFollow = process.platform === "win32" ? 0 : constants.O_NOFOLLOW;

/** So much is sent on to the disk while more is written, so that little is left to wait for at the end. */
const flushBytes = 64 * 1024 * 1024;

/** The file that the bytes go into until they are known to be right. Appended to, one write at a time. */
export class PartFile {
  readonly path: string;
  readonly #handle: FileHandle;
  #bytes = 0;
  #flushedBytes = 0;
  #flushing: Promise<void> | undefined;
  #flushFailure: unknown;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /** A new, empty file. What was there before under this name is removed. */
  static async create(path: string): Promise<PartFile> {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | noFollow;
    return onDisk("create", path, async () => {
      try {
        return new PartFile(path, await open(path, flags, 0o666));
      } catch (error) {
        if (systemCode(error) !== "EEXIST") throw error;
      }
      await unlink(path).catch(ignoreMissing);
      return new PartFile(path, await open(path, flags, 0o666));
    });
  }

  /** The file as an earlier run left it; `undefined` where it is missing, shorter than `bytes`, or no plain file. */
  static async reopen(path: string, bytes: number): Promise<PartFile | undefined> {
    const handle = await open(path, constants.O_RDWR | noFollow).catch(() => undefined);
    if (handle === undefined) return undefined;
    const stats = await handle.stat();
    if (!stats.isFile() || stats.nlink !== 1 || stats.size < bytes) {
      await handle.close();
      return undefined;
    }
    const part = new PartFile(path, handle);
    part.#bytes = bytes;
    return part;
  }

  /** The descriptor, for reading along. */
  get fd(): number {
    return this.#handle.fd;
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Appends. Wait for it before the next one: writes to one file in parallel only get in each other's way. */
  async write(blocks: readonly Uint8Array[]): Promise<void> {
    await onDisk("write", this.path, async () => {
      let rest = blocks;
      while (rest.length > 0) {
        const { bytesWritten } = await this.#handle.writev(rest, this.#bytes);
        this.#bytes += bytesWritten;
        rest = after(rest, bytesWritten);
      }
    });
    this.#flush();
  }

  /** Reads at a position; fewer bytes where the file ends. */
  async read(position: number, length: number): Promise<Uint8Array> {
    const { buffer, bytesRead } = await this.#handle.read(new Uint8Array(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  }

  /** Cuts off what is behind the bytes that count. */
  async trim(): Promise<void> {
    await onDisk("truncate", this.path, () => this.#handle.truncate(this.#bytes));
  }

  /** Waits until the bytes are on the disk itself. */
  async sync(): Promise<void> {
    await onDisk("write", this.path, async () => {
      await this.#flushing;
      // Told once only: the system forgets that bytes did not get to the disk, and a later sync succeeds.
      if (this.#flushFailure !== undefined) throw this.#flushFailure;
      await this.#handle.sync().catch(ignoreForbiddenSync);
    });
  }

  #flush(): void {
    if (this.#flushing !== undefined || this.#bytes - this.#flushedBytes < flushBytes) return;
    this.#flushedBytes = this.#bytes;
    this.#flushing = this.#handle
      .datasync()
      .catch(ignoreForbiddenSync)
      .catch((error: unknown) => void (this.#flushFailure ??= error))
      .finally(() => void (this.#flushing = undefined));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#flushing;
    await this.#handle.close();
  }
}

/** What is left of the blocks after so many bytes. */
function after(blocks: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skip = bytes;
  let index = 0;
  for (; index < blocks.length && skip >= (blocks[index]?.length ?? 0); index++) skip -= blocks[index]?.length ?? 0;
  const first = blocks[index];
  return first === undefined ? [] : [first.subarray(skip), ...blocks.slice(index + 1)];
}

function ignoreMissing(error: unknown): void {
  if (systemCode(error) !== "ENOENT") throw error;
}
