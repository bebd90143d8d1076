/** A part of a file that one connection fetches, perhaps in several exchanges. */
export interface Block {
  readonly firstByte: number;
  readonly lastByte: number;
}

const leastBytes = 65_536;
const mostBytes = 4_194_304;

/**
 * Cuts the rest of a file into blocks: large ones first, because each costs a round trip, and smaller ones towards the
 * end, so that all connections are done at about the same time.
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
