import type { ChecksumAlgorithm } from "@carrel/core";

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
