import type { ChecksumAlgorithm } from "../gen/models.gen.ts";
import { isObject } from "../kit/objects.ts";

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

/**
 * Returns the platform's name of the vendor's algorithm, in any spelling: SHA-1 if the server names none, `undefined` for an unknown one.
 *
 * @private Does not follow semantic versioning.
 */
export function digestAlgorithm(name: unknown = "SHA1"): DigestAlgorithm | undefined {
  if (typeof name !== "string") return undefined;
  const key = name.toUpperCase().replaceAll(/[\s_-]/gu, "");
  return Object.hasOwn(names, key) ? names[key as ChecksumAlgorithm] : undefined;
}

const hexDigits: Readonly<Record<DigestAlgorithm, number>> = { md5: 32, sha1: 40, sha256: 64, sha512: 128 };

/**
 * Reads a server's checksum, for downloads, streams and mirrors alike. Accepts upper case, `0x` in front, and colons, hyphens
 * or spaces between pairs of digits. Returns `undefined` if nothing usable is stated: the algorithm is unknown, or the value is
 * not a digest of that algorithm's length (empty, `null`, "N/A").
 *
 * @private Does not follow semantic versioning.
 */
export function readChecksum(info: unknown): Digest | undefined {
  if (!isObject(info)) return undefined;
  const { algorithm: name, checksum } = info as { readonly algorithm?: unknown; readonly checksum?: unknown };
  if (typeof checksum !== "string") return undefined;
  // The vendor's default applies if no algorithm is named, by null and an empty string as well.
  const algorithm = digestAlgorithm(name === null || name === "" ? undefined : name);
  if (algorithm === undefined) return undefined;
  const hex = checksum
    .trim()
    .toLowerCase()
    .replace(/^0x/u, "")
    .replaceAll(/(?<=[\da-f]{2})[:\s-](?=[\da-f]{2})/gu, "");
  const digest = { algorithm, hex };
  return isDigest(digest) ? digest : undefined;
}

/**
 * Returns whether a value is a digest: a known algorithm, and lower-case hexadecimal digits of its length.
 *
 * @private Does not follow semantic versioning.
 */
export function isDigest(value: unknown): value is Digest {
  if (!isObject(value)) return false;
  const { algorithm, hex } = value as Readonly<Record<keyof Digest, unknown>>;
  if (typeof algorithm !== "string" || typeof hex !== "string" || !Object.hasOwn(hexDigits, algorithm)) return false;
  return hex.length === hexDigits[algorithm as DigestAlgorithm] && /^[\da-f]+$/u.test(hex);
}

const byStrength: readonly DigestAlgorithm[] = ["sha512", "sha256", "sha1", "md5"];

/**
 * Returns the stronger of two checksums; the first if both have the same algorithm.
 *
 * @private Does not follow semantic versioning.
 */
export function strongerOf(one: Digest | undefined, other: Digest | undefined): Digest | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return byStrength.indexOf(other.algorithm) < byStrength.indexOf(one.algorithm) ? other : one;
}

/**
 * Returns the first checksum of each algorithm, of those that were stated at different times.
 *
 * @private Does not follow semantic versioning.
 */
export function oneOfEach(stated: readonly (Digest | undefined)[]): readonly Digest[] {
  const byAlgorithm = new Map<DigestAlgorithm, Digest>();
  for (const digest of stated)
    if (digest !== undefined && !byAlgorithm.has(digest.algorithm)) byAlgorithm.set(digest.algorithm, digest);
  return [...byAlgorithm.values()];
}

/**
 * Reads a length in bytes that a server states: a whole number, or its digits in a string; `undefined` for anything else.
 *
 * @private Does not follow semantic versioning.
 */
export function readSizeBytes(size: unknown): number | undefined {
  const bytes = typeof size === "string" && /^\d{1,16}$/u.test(size.trim()) ? Number(size) : size;
  return typeof bytes === "number" && Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : undefined;
}
