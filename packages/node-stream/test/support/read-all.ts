import type { Readable } from "node:stream";

/** What a consumer saw of a stream. */
export interface Seen {
  readonly bytes: Buffer;
  readonly isEnded: boolean;
  readonly error: unknown;
}

/** Reads a stream until it is closed, and returns everything that was observed. */
export function readAll(stream: Readable): Promise<Seen> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let isEnded = false;
    let error: unknown;
    stream
      .on("data", (chunk: Buffer) => chunks.push(Buffer.from(chunk)))
      .on("end", () => (isEnded = true))
      .on("error", (cause: unknown) => (error = cause))
      .on("close", () => resolve({ bytes: Buffer.concat(chunks), isEnded, error }));
  });
}
