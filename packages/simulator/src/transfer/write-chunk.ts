import type { ServerResponse } from "node:http";

/** Hands a chunk to the socket and waits until its memory may be used again. Rejects when the client has gone. */
export function writeChunk(response: ServerResponse, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(new Error("the client went away"));
    if (response.destroyed || response.closed) {
      onClose();
      return;
    }
    response.once("close", onClose);
    response.write(chunk, (error) => {
      // A connection that breaks is told by its close, which comes after the failed write.
      if (error && !response.writableEnded) return;
      response.removeListener("close", onClose);
      if (error) reject(error);
      else resolve();
    });
  });
}
