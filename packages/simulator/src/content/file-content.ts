import { statSync } from "node:fs";
import { open } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chunkBytes } from "./content.ts";
import type { Content } from "./content.ts";

/** Content of a file on disk, which must not change meanwhile. Throws where it is not a readable file. */
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
