import type { Readable } from "node:stream";
import type { PartFile } from "../files/part-file.ts";

const blockBytes = 262_144;

/**
 * Writes a stream to a file in blocks of 256 KiB. One write is in flight while the next block is gathered: no more than
 * that, because parallel writes to one file contend in the kernel. `onWritten` is told after each block.
 */
export async function writeBlocks(stream: Readable, part: PartFile, onWritten: (bytes: number) => void): Promise<void> {
  let writing: Promise<void> = Promise.resolve();
  let gathered: Uint8Array[] = [];
  let gatheredBytes = 0;
  const flush = async (): Promise<void> => {
    const blocks = gathered;
    const bytes = gatheredBytes;
    gathered = [];
    gatheredBytes = 0;
    await writing;
    writing = part.write(blocks).then(() => onWritten(bytes));
    // Looked at by the next flush; until then it must not count as unhandled.
    writing.catch(() => {});
  };
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      gathered.push(chunk);
      gatheredBytes += chunk.byteLength;
      if (gatheredBytes >= blockBytes) await flush();
    }
  } finally {
    // Also after a failure: what came before it is good, and a later run goes on behind it.
    if (gatheredBytes > 0) await flush();
    await writing;
  }
}
