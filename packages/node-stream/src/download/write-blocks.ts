import type { Readable } from "node:stream";

/** Blocks of memory that downloads write from. They are reused, because new ones for each file would keep the collector busy. */
export class BlockPool {
  readonly #free: Buffer[] = [];

  /** Bytes in a block. */
  static readonly blockBytes: number = 1_048_576;

  /** Takes a block, with its earlier content. Give it back when nothing reads it any more. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BlockPool.blockBytes);
  }

  /** Gives a block back. */
  give(block: Buffer): void {
    this.#free.push(block);
  }
}

/** The fewest bytes that are written at once before the end. During a write, up to a block is gathered. */
const minWriteBytes = 262_144;

/** A file that blocks are appended to, one write at a time. */
interface BlockTarget {
  write(blocks: readonly Uint8Array[]): Promise<void>;
}

interface WriteBlocksOptions {
  readonly blocks: BlockPool;
  /** Called after each write. */
  readonly onWritten: (bytes: number) => void;
}

/**
 * Writes a stream to a file. One block is written while the next one is gathered, and no more, because parallel writes to one
 * file contend in the kernel. So a slow transfer is written in blocks of 256 KiB, and one that is faster than the disk in
 * blocks of up to 1 MiB, which cost less. Chunks are copied into two blocks that are used in turn, so that memory does not
 * grow with the file.
 */
export async function writeBlocks(
  stream: Readable,
  target: BlockTarget,
  { blocks, onWritten }: WriteBlocksOptions,
): Promise<void> {
  let block = blocks.take();
  let spare: Buffer | undefined;
  let filled = 0;
  let isWriting = false;
  let writing: Promise<void> = Promise.resolve();
  const write = (): void => {
    const bytes = filled;
    isWriting = true;
    writing = target.write([block.subarray(0, bytes)]).then(() => {
      isWriting = false;
      onWritten(bytes);
    });
    // Awaited before the next write; until then a failure must not count as an unhandled rejection.
    writing.catch(() => {});
    [block, spare] = [spare ?? blocks.take(), block];
    filled = 0;
  };
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      for (let offset = 0; offset < chunk.byteLength;) {
        const bytes = Math.min(chunk.byteLength - offset, BlockPool.blockBytes - filled);
        block.set(chunk.subarray(offset, offset + bytes), filled);
        filled += bytes;
        offset += bytes;
        if (filled === BlockPool.blockBytes) await writing;
        if (filled >= minWriteBytes && !isWriting) {
          await writing;
          write();
        }
      }
    }
  } finally {
    // Also after a failure: the bytes before it are good, and a later run resumes after them.
    await writing;
    if (filled > 0) write();
    await writing;
    // Not before: until now they are being written from.
    blocks.give(block);
    if (spare !== undefined) blocks.give(spare);
  }
}
