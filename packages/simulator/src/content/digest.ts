import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { ChecksumAlgorithm } from "@carrel/core";
import type { Content } from "./content.ts";

const breathBytes = 16 * 1024 * 1024;
const cacheLimit = 1000;
const byContent = new WeakMap<Content, Map<string, Promise<string>>>();
const byKey = new Map<string, Promise<string>>();

/** The digest of a content as lower-case hexadecimal. Computed once, in pieces that let other work through. */
export function digestOf(content: Content, algorithm: ChecksumAlgorithm): Promise<string> {
  const known = content.key === undefined ? undefined : byKey.get(`${content.key}/${algorithm}`);
  if (known) return known;
  const mine = byContent.get(content) ?? new Map<string, Promise<string>>();
  byContent.set(content, mine);
  const cached = mine.get(algorithm);
  if (cached) return cached;
  const digest = compute(content, algorithm);
  if (content.key === undefined) {
    mine.set(algorithm, digest);
  } else {
    const oldest = byKey.size >= cacheLimit ? byKey.keys().next().value : undefined;
    if (oldest !== undefined) byKey.delete(oldest);
    byKey.set(`${content.key}/${algorithm}`, digest);
  }
  return digest;
}

async function compute(content: Content, algorithm: ChecksumAlgorithm): Promise<string> {
  const hash = createHash(algorithm.toLowerCase());
  let sinceBreath = 0;
  for await (const chunk of content.read(0, content.sizeBytes)) {
    hash.update(chunk);
    sinceBreath += chunk.length;
    if (sinceBreath >= breathBytes) {
      sinceBreath = 0;
      await setImmediate();
    }
  }
  return hash.digest("hex");
}
