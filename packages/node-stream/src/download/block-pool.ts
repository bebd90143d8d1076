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
