/** A part of a file that one connection fetches, possibly in several attempts. */
export interface Block {
  readonly firstByte: number;
  readonly lastByte: number;
}

const leastBytes = 65_536;
const mostBytes = 4_194_304;

/**
 * Cuts the rest of a file into blocks: large ones first, because each costs a round trip, and smaller ones towards the
 * end, so that all connections finish at about the same time.
 */
export function planBlocks(position: number, endPosition: number, connections: number): readonly Block[] {
  const blocks: Block[] = [];
  for (let firstByte = position; firstByte < endPosition;) {
    const share = Math.ceil((endPosition - firstByte) / (connections * 2));
    const size = Math.min(Math.max(share, leastBytes), mostBytes);
    const lastByte = Math.min(firstByte + size, endPosition) - 1;
    blocks.push({ firstByte, lastByte });
    firstByte = lastByte + 1;
  }
  return blocks;
}

/** A block, with the bytes of it that were fetched and not delivered yet. */
export interface BlockState extends Block {
  /** The next byte to fetch. */
  position: number;
  readonly chunks: Uint8Array[];
}

/**
 * Hands blocks out to the connections, at most a window ahead of the block that is being delivered, and returns their bytes
 * in order.
 */
export class BlockQueue {
  readonly #blocks: readonly BlockState[];
  readonly #windowBlocks: number;
  readonly #returned: BlockState[] = [];
  #head = 0;
  #next = 0;
  #moved = Promise.withResolvers<void>();

  constructor(blocks: readonly Block[], windowBlocks: number) {
    this.#blocks = blocks.map((block) => ({ ...block, position: block.firstByte, chunks: [] }));
    this.#windowBlocks = windowBlocks;
  }

  get isDelivered(): boolean {
    return this.#head === this.#blocks.length;
  }

  /** Takes the next block to fetch; `undefined` when all are handed out. Waits while the window is full. */
  async take(): Promise<BlockState | undefined> {
    for (;;) {
      const block = this.#returned.pop() ?? this.#nextInWindow();
      if (block !== undefined) return block;
      if (this.#next === this.#blocks.length) return undefined;
      await this.#moved.promise;
    }
  }

  /** Returns a block whose rest another connection is to fetch. */
  giveBack(block: BlockState): void {
    this.#returned.push(block);
    this.#wake();
  }

  /** Removes and returns the next bytes in order, if they were fetched. */
  shift(): Uint8Array | undefined {
    for (;;) {
      const block = this.#blocks[this.#head];
      if (block === undefined) return undefined;
      const chunk = block.chunks.shift();
      if (chunk !== undefined || block.position <= block.lastByte) return chunk;
      this.#head += 1;
      this.#wake();
    }
  }

  #nextInWindow(): BlockState | undefined {
    if (this.#next >= this.#head + this.#windowBlocks) return undefined;
    const block = this.#blocks[this.#next];
    if (block !== undefined) this.#next += 1;
    return block;
  }

  #wake(): void {
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
  }
}
