/** A part of a file that one connection fetches, perhaps in several exchanges. */
export interface Block {
  readonly firstByte: number;
  readonly lastByte: number;
}

const leastBytes = 262_144;
const mostBytes = 4_194_304;

/**
 * Cuts the rest of a file into blocks: small enough that all connections have work until the end, large enough that
 * the pause between two blocks does not count.
 */
export function planBlocks(position: number, totalBytes: number, connections: number): readonly Block[] {
  const share = Math.ceil((totalBytes - position) / (connections * 16));
  const size = Math.min(Math.max(share, leastBytes), mostBytes);
  const blocks: Block[] = [];
  for (let firstByte = position; firstByte < totalBytes; firstByte += size) {
    blocks.push({ firstByte, lastByte: Math.min(firstByte + size, totalBytes) - 1 });
  }
  return blocks;
}
