import type { ChecksumAlgorithm } from "@carrel/core";
import { isObject } from "@carrel/core/kit";

/** A digest algorithm, by the name that `node:crypto` has for it. */
export type DigestAlgorithm = "sha1" | "md5" | "sha256" | "sha512";

/** A digest: the algorithm and the value, lower-case hexadecimal. */
export interface Digest {
  readonly algorithm: DigestAlgorithm;
  readonly hex: string;
}

const names: Readonly<Record<ChecksumAlgorithm, DigestAlgorithm>> = {
  SHA1: "sha1",
  MD5: "md5",
  SHA256: "sha256",
  SHA512: "sha512",
};

/** The platform's name of the vendor's algorithm, in any spelling; SHA-1 where the server names none; `undefined` for an unknown one. */
export function digestAlgorithm(name: unknown = "SHA1"): DigestAlgorithm | undefined {
  if (typeof name !== "string") return undefined;
  const key = name.toUpperCase().replaceAll(/[\s_-]/g, "");
  return Object.hasOwn(names, key) ? names[key as ChecksumAlgorithm] : undefined;
}

const hexDigits: Readonly<Record<DigestAlgorithm, number>> = { md5: 32, sha1: 40, sha256: 64, sha512: 128 };

/**
 * Reads a server's checksum, the one way for everybody: upper case, `0x` in front, and pairs of digits apart by colons,
 * hyphens or spaces are fine. Returns `undefined` where nothing was stated: the algorithm is not a known one, or the
 * value is not a digest of that algorithm's length (empty, `null`, "N/A").
 *
 * @private Does not follow semantic versioning.
 */
export function readChecksum(info: unknown): Digest | undefined {
  if (!isObject(info)) return undefined;
  const { algorithm: name, checksum } = info as { readonly algorithm?: unknown; readonly checksum?: unknown };
  if (typeof checksum !== "string") return undefined;
  // The vendor's default holds where none is named, by whatever means.
  const algorithm = digestAlgorithm(name === null || name === "" ? undefined : name);
  if (algorithm === undefined) return undefined;
  const hex = checksum
    .trim()
    .toLowerCase()
    .replace(/^0x/, "")
    .replaceAll(/(?<=[\da-f]{2})[:\s-](?=[\da-f]{2})/g, "");
  const digest = { algorithm, hex };
  return isDigest(digest) ? digest : undefined;
}

/** Returns whether a value is a digest: a known algorithm, and lower-case hexadecimal digits of its length. */
export function isDigest(value: unknown): value is Digest {
  if (!isObject(value)) return false;
  const { algorithm, hex } = value as Readonly<Record<keyof Digest, unknown>>;
  if (typeof algorithm !== "string" || typeof hex !== "string" || !Object.hasOwn(hexDigits, algorithm)) return false;
  return hex.length === hexDigits[algorithm as DigestAlgorithm] && /^[\da-f]+$/u.test(hex);
}

const byStrength: readonly DigestAlgorithm[] = ["sha512", "sha256", "sha1", "md5"];

/** The stronger of two checksums; the first of two that are alike. */
export function strongerOf(one: Digest | undefined, other: Digest | undefined): Digest | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return byStrength.indexOf(other.algorithm) < byStrength.indexOf(one.algorithm) ? other : one;
}

/** Of checksums that were stated at different times, the first of each algorithm. */
export function oneOfEach(stated: readonly (Digest | undefined)[]): readonly Digest[] {
  const found = new Map<DigestAlgorithm, Digest>();
  for (const digest of stated)
    if (digest !== undefined && !found.has(digest.algorithm)) found.set(digest.algorithm, digest);
  return [...found.values()];
}

/** Reads a server's statement of a length in bytes: a whole number, also as text; `undefined` for anything else. */
export function readSizeBytes(size: unknown): number | undefined {
  const bytes = typeof size === "string" && /^\d{1,16}$/.test(size.trim()) ? Number(size) : size;
  return typeof bytes === "number" && Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : undefined;
}
