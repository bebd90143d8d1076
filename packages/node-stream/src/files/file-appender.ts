import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { cannotSync, onDisk } from "./fs-error.ts";
import { createNew, setMode } from "./plain-file.ts";

/** After this many bytes a flush begins while more is written, so that little is left to flush at the end. */
const flushBytes = 64 * 1024 * 1024;

/** Appends to a file, one write at a time, and flushes it to the disk along the way. */
export class FileAppender implements AsyncDisposable {
  readonly #handle: FileHandle;
  #path: string;
  readonly #shownPath: string;
  #bytes: number;
  #flushedBytes: number;
  #flushing: Promise<void> | undefined;
  #flushFailure: unknown;
  #isFlushed = true;
  #closing: Promise<void> | undefined;

  /**
   * Appends to an open file after its first `bytes` bytes.
   *
   * @param shownPath - The file that the bytes are for, where this one is temporary: errors name it.
   */
  constructor(path: string, handle: FileHandle, bytes: number = 0, shownPath: string = path) {
    this.#path = path;
    this.#shownPath = shownPath;
    this.#handle = handle;
    this.#bytes = bytes;
    this.#flushedBytes = bytes;
  }

  /** Creates an empty file that other users may not write to. The name must be free. */
  static async create(path: string, shownPath: string = path): Promise<FileAppender> {
    return onDisk("create", shownPath, async () => {
      return new FileAppender(path, await open(path, createNew, 0o644), 0, shownPath);
    });
  }

  get path(): string {
    return this.#path;
  }

  /** The descriptor, for reading during the download. */
  get fd(): number {
    return this.#handle.fd;
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Appends. Wait for it before the next call: parallel writes to one file only slow each other down. */
  async write(blocks: readonly Uint8Array[]): Promise<void> {
    await onDisk("write", this.#shownPath, async () => {
      let rest = blocks;
      while (rest.length > 0) {
        const { bytesWritten } = await this.#handle.writev(rest, this.#bytes);
        this.#bytes += bytesWritten;
        rest = after(rest, bytesWritten);
      }
    });
    this.#flush();
  }

  /** Reads at a position; fewer bytes at the end of the file. */
  async read(position: number, length: number): Promise<Uint8Array> {
    const { buffer, bytesRead } = await this.#handle.read(new Uint8Array(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  }

  /** Truncates the file, by default after the bytes that were written or resumed. */
  async trim(bytes: number = this.#bytes): Promise<void> {
    this.#bytes = bytes;
    await onDisk("truncate", this.#shownPath, () => this.#handle.truncate(bytes));
  }

  /** Waits until the bytes are on the disk itself. `false` if the file system cannot tell. */
  async sync(): Promise<boolean> {
    return onDisk("write", this.#shownPath, async () => {
      await this.#flushing;
      // The system reports lost bytes only once: a later sync succeeds.
      if (this.#flushFailure !== undefined) throw this.#flushFailure;
      await this.#handle.sync().catch(this.#unflushed);
      return this.#isFlushed;
    });
  }

  /** Changes the rights of the file, if the file system knows any. */
  async chmod(mode: number): Promise<void> {
    await setMode(this.#handle, mode);
  }

  readonly #unflushed = (error: unknown): void => {
    if (!cannotSync(error)) throw error;
    this.#isFlushed = false;
  };

  #flush(): void {
    if (this.#flushing !== undefined || this.#bytes - this.#flushedBytes < flushBytes) return;
    this.#flushedBytes = this.#bytes;
    this.#flushing = this.#handle
      .datasync()
      .catch(this.#unflushed)
      .catch((error: unknown) => void (this.#flushFailure ??= error))
      .finally(() => void (this.#flushing = undefined));
  }

  /** Closes the file. Further calls do nothing. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= (async () => {
      await this.#flushing;
      await this.#handle.close();
    })();
    await this.#closing;
  }
}

/** Returns what is left of the blocks after a number of bytes. */
function after(blocks: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skip = bytes;
  let index = 0;
  for (; index < blocks.length && skip >= (blocks[index]?.length ?? 0); index++) skip -= blocks[index]?.length ?? 0;
  const first = blocks[index];
  return first === undefined ? [] : [first.subarray(skip), ...blocks.slice(index + 1)];
}
