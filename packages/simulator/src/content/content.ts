import { statSync } from "node:fs";
import { open } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Bytes of a known length that can be read from any offset, any number of times. */
export interface Content {
  readonly sizeBytes: number;
  /** Identifies the bytes within this process, so that digests can be shared; absent where nothing does. */
  readonly key?: string;
  /**
   * Reads the bytes from `start` (included) to `end` (excluded). A chunk is valid only until the next one is read, because its
   * memory is reused.
   */
  read(start: number, end: number): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Size of the chunks that contents are read in. */
export const chunkBytes: number = 256 * 1024;

/** Content in memory. */
export function bufferContent(bytes: Uint8Array): Content {
  return {
    sizeBytes: bytes.length,
    *read(start, end): Iterable<Uint8Array> {
      for (let at = start; at < end; at += chunkBytes) yield bytes.subarray(at, Math.min(at + chunkBytes, end));
    },
  };
}

/** Content of a file on disk, which must not change. Throws where it is not a readable file. */
export function fileContent(path: string | URL): Content {
  const file = typeof path === "string" ? path : fileURLToPath(path);
  const stat = statSync(file);
  if (!stat.isFile()) throw new Error(`${file} is not a file`);
  return { sizeBytes: stat.size, read: (start, end) => readFile(file, start, end) };
}

async function* readFile(file: string, start: number, end: number): AsyncIterable<Uint8Array> {
  await using handle = await open(file, "r");
  const buffer = new Uint8Array(Math.min(chunkBytes, Math.max(end - start, 0)));
  let at = start;
  while (at < end) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end - at), at);
    if (bytesRead === 0) throw new Error(`${file} became shorter while it was read`);
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}
