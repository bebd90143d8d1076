import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { ChecksumAlgorithm } from "@carrel/core";
import type { Content } from "./content.ts";

const sliceBytes = 16 * 1024 * 1024;
const cacheLimit = 1000;
const byContent = new WeakMap<Content, Map<string, Promise<string>>>();
const byKey = new Map<string, Promise<string>>();

/** Computes the digest of a content, as lower-case hexadecimal: once, and in pieces, so that other work is not blocked. */
export function digestOf(content: Content, algorithm: ChecksumAlgorithm): Promise<string> {
  const known = content.key === undefined ? undefined : byKey.get(`${content.key}/${algorithm}`);
  if (known) return known;
  const ofContent = byContent.get(content) ?? new Map<string, Promise<string>>();
  byContent.set(content, ofContent);
  const cached = ofContent.get(algorithm);
  if (cached) return cached;
  const digest = compute(content, algorithm);
  if (content.key === undefined) {
    ofContent.set(algorithm, digest);
  } else {
    const oldest = byKey.size >= cacheLimit ? byKey.keys().next().value : undefined;
    if (oldest !== undefined) byKey.delete(oldest);
    byKey.set(`${content.key}/${algorithm}`, digest);
  }
  return digest;
}

async function compute(content: Content, algorithm: ChecksumAlgorithm): Promise<string> {
  const hash = createHash(algorithm.toLowerCase());
  let sincePause = 0;
  for await (const chunk of content.read(0, content.sizeBytes)) {
    hash.update(chunk);
    sincePause += chunk.length;
    if (sincePause >= sliceBytes) {
      sincePause = 0;
      await setImmediate();
    }
  }
  return hash.digest("hex");
}
