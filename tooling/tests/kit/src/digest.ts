import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";

/** The digest of bytes or of UTF-8 text, as lower-case hexadecimal. */
export function hexDigest(algorithm: string, content: string | Uint8Array): string {
  return createHash(algorithm).update(content).digest("hex");
}

/** The SHA-256 of bytes or of UTF-8 text, as lower-case hexadecimal. */
export function sha256(content: string | Uint8Array): string {
  return hexDigest("sha256", content);
}

/** The SHA-256 of a file, as lower-case hexadecimal. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
