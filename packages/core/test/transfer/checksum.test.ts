import fc from "fast-check";
import { expect, test } from "vitest";
import { readChecksum, readSizeBytes } from "../../src/transfer/checksum.ts";

const sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
const sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const md5 = "d41d8cd98f00b204e9800998ecf8427e";

test.each([
  [{ checksum: sha1 }, { algorithm: "sha1", hex: sha1 }],
  [
    { algorithm: null, checksum: sha1 },
    { algorithm: "sha1", hex: sha1 },
  ],
  [
    { algorithm: "", checksum: sha1 },
    { algorithm: "sha1", hex: sha1 },
  ],
  [
    { algorithm: "SHA256", checksum: sha256.toUpperCase() },
    { algorithm: "sha256", hex: sha256 },
  ],
  [
    { algorithm: "sha-256", checksum: ` ${sha256}\n` },
    { algorithm: "sha256", hex: sha256 },
  ],
  [
    { algorithm: "SHA_1", checksum: `0x${sha1}` },
    { algorithm: "sha1", hex: sha1 },
  ],
  [
    { algorithm: "MD5", checksum: md5.match(/../g)?.join(":") },
    { algorithm: "md5", hex: md5 },
  ],
  [
    { algorithm: "MD5", checksum: md5.toUpperCase().match(/../g)?.join(" ") },
    { algorithm: "md5", hex: md5 },
  ],
])("readChecksum reads %j", (info, digest) => {
  expect(readChecksum(info)).toEqual(digest);
});

test.each([
  undefined,
  null,
  "",
  sha1,
  [],
  {},
  { checksum: "" },
  { checksum: null },
  { checksum: "   " },
  { checksum: "N/A" },
  { checksum: "0x" },
  { checksum: 12 },
  { checksum: { hex: sha1 } },
  { checksum: sha256 },
  { checksum: sha1.slice(1) },
  { checksum: `${sha1}0` },
  { checksum: `${sha1.slice(1)}g` },
  { algorithm: "SHA256", checksum: sha1 },
  { algorithm: "SHA1", checksum: md5 },
  { algorithm: "CRC32", checksum: "cbf43926" },
  { algorithm: "constructor", checksum: sha1 },
  { algorithm: 1, checksum: sha1 },
])("readChecksum returns undefined for %j", (info) => {
  expect(readChecksum(info)).toBeUndefined();
});

test("readChecksum returns a digest of the right length or none, whatever a server states", () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (algorithm, checksum) => {
      const digest = readChecksum({ algorithm, checksum });
      if (digest === undefined) return;
      expect(digest.hex).toMatch(/^[\da-f]+$/);
      expect(digest.hex).toHaveLength({ md5: 32, sha1: 40, sha256: 64, sha512: 128 }[digest.algorithm]);
    }),
  );
});

test.each([
  [0, 0],
  [1_000, 1_000],
  ["1000", 1_000],
  [null, undefined],
  [undefined, undefined],
  [-1, undefined],
  [1.5, undefined],
  [Number.NaN, undefined],
  [2 ** 60, undefined],
  ["", undefined],
  ["1e3", undefined],
  [{}, undefined],
])("readSizeBytes reads %j as %j", (size, sizeBytes) => {
  expect(readSizeBytes(size)).toBe(sizeBytes);
});
