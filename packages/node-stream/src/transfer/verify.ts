import { IntegrityError } from "@carrel/core";
import type { ChecksumInfo } from "@carrel/core";
import type { RunningDigest } from "./running-digest.ts";
import type { TransferExpectation } from "./transfer-options.ts";

/**
 * Compares the digest of all bytes with the checksum expected. Returns the checksum that they match, `undefined` where
 * there is none.
 */
export async function verifyDigest(
  digest: RunningDigest,
  expected: TransferExpectation["checksum"],
  label: string,
): Promise<ChecksumInfo | undefined> {
  const checksum = typeof expected === "function" ? await expected() : expected;
  if (checksum === undefined) return undefined;
  const algorithm = checksum.algorithm ?? "SHA1";
  const actual = digest.digests()[algorithm];
  if (actual === undefined) {
    throw new IntegrityError(
      `The server's checksum of ${label} is a ${algorithm}, which was not computed. Name it in the option \`digests\`.`,
      { problem: "unverifiable" },
    );
  }
  if (actual !== checksum.checksum.trim().toLowerCase()) {
    throw new IntegrityError(
      `The bytes of ${label} are not those that the server has: ${algorithm} is ${actual} and should be ${checksum.checksum}.`,
      { problem: "digest" },
    );
  }
  return checksum;
}
