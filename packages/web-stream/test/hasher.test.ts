import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { createWebHasher } from "../src/hasher.ts";

const bytes = randomBytes(100_000);

test.each(["MD5", "SHA1", "SHA256", "SHA512"] as const)(
  "createWebHasher computes %s of the bytes so far, and more bytes may follow",
  (algorithm) => {
    const hasher = createWebHasher(algorithm);
    const digestOf = (data: Uint8Array): string => createHash(algorithm.toLowerCase()).update(data).digest("hex");
    hasher.update(bytes.subarray(0, 33_333));
    expect(hasher.hex()).toBe(digestOf(bytes.subarray(0, 33_333)));
    hasher.update(bytes.subarray(33_333));
    expect(hasher.hex()).toBe(digestOf(bytes));
  },
);

test("createWebHasher computes CRC-32", () => {
  const hasher = createWebHasher("CRC32");
  hasher.update(bytes.subarray(0, 7));
  hasher.update(bytes.subarray(7));
  expect(hasher.hex()).toBe(crc32(bytes).toString(16));
});
