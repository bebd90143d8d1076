import type { IncomingMessage } from "node:http";
import { framework } from "./framework-error.ts";

const limitBytes = 1024 * 1024;

/** The body of a request as text. Throws INVALID_ARGUMENT where it is longer than any operation needs. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes <= limitBytes) chunks.push(chunk);
  }
  if (sizeBytes > limitBytes) throw framework.bodyTooLarge();
  return Buffer.concat(chunks).toString("utf8");
}
