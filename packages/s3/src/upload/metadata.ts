import { isDigest } from "@carrel/node-stream/sink";
import type { Digest } from "@carrel/node-stream";

const markName = "carrel-upload";
const digestName = "carrel-digest";

/**
 * Metadata of an object: a mark by which its upload is recognised, and its digest, if that is known before the upload begins.
 * Metadata is bound to the bytes: whatever replaces them replaces it.
 */
export function metadataOf(mark: string, digest: Digest | undefined): Readonly<Record<string, string>> {
  return { [markName]: mark, ...(digest && { [digestName]: `${digest.algorithm}:${digest.hex}` }) };
}

/** Returns the mark of the upload that made an object. */
export function markOf(metadata: Readonly<Record<string, string>>): string | undefined {
  return metadata[markName];
}

/** Returns the digest that an upload of ours stated. */
export function statedDigest(metadata: Readonly<Record<string, string>>): Digest | undefined {
  const [algorithm, hex] = metadata[digestName]?.split(":") ?? [];
  const digest: unknown = { algorithm, hex };
  return isDigest(digest) ? digest : undefined;
}
