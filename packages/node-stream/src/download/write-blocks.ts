import type { Readable } from "node:stream";

/** Blocks of memory that downloads write from, used again and again: new ones for each file would keep the collector busy. */
export class BlockPool {
  readonly #free: Buffer[] = [];

  /** Bytes in a block. */
  static readonly blockBytes: number = 1_048_576;

  /** A block, with whatever was in it. Give it back when nothing reads it any more. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BlockPool.blockBytes);
  }

  /** Gives a block back. */
  give(block: Buffer): void {
    this.#free.push(block);
  }
}

/** Written as soon as so much is there and nothing else is being written; and while something is, gathered up to a block. */
const leastBytes = 262_144;

/** What blocks are appended to, one write at a time. */
interface BlockTarget {
  write(blocks: readonly Uint8Array[]): Promise<void>;
}

interface WriteBlocksOptions {
  readonly blocks: BlockPool;
  /** Told after each write. */
  readonly onWritten: (bytes: number) => void;
}

/**
 * Writes a stream to a file. One block is written while the next one is gathered: no more than that, because parallel
 * writes to one file contend in the kernel. So a slow transfer is written in blocks of 256 KiB, and one that is faster than
 * the disk in blocks of up to 1 MiB, which cost less. Chunks are copied into two blocks that are used in turn, so that
 * memory stays the same whatever the size.
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
    // Looked at by the next write; until then it must not count as unhandled.
    writing.catch(() => {});
    [block, spare] = [spare ?? blocks.take(), block];
    filled = 0;
  };
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      for (let taken = 0; taken < chunk.byteLength;) {
        const bytes = Math.min(chunk.byteLength - taken, BlockPool.blockBytes - filled);
        block.set(chunk.subarray(taken, taken + bytes), filled);
        filled += bytes;
        taken += bytes;
        if (filled === BlockPool.blockBytes) await writing;
        if (filled >= leastBytes && !isWriting) {
          await writing;
          write();
        }
      }
    }
  } finally {
    // Also after a failure: what came before it is good, and a later run goes on behind it.
    await writing;
    if (filled > 0) write();
    await writing;
    // Only now, when nothing is written from them any more.
    blocks.give(block);
    if (spare !== undefined) blocks.give(spare);
  }
}
