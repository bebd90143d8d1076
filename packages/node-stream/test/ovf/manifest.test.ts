import fc from "fast-check";
import { expect, test } from "vitest";
import { manifestName, parseManifest } from "../../src/ovf/manifest.ts";

const sha256 = "a".repeat(64);

test("reads the lines that tools write", () => {
  const { digests, unreadLines } = parseManifest(
    `SHA256(photon.ovf)= ${sha256.toUpperCase()}\r\n` +
      `SHA1 (disk-0.vmdk) = ${"b".repeat(40)}\n` +
      `\n` +
      `SHA512(a (1).nvram)=${"c".repeat(128)}\n`,
  );
  expect([...digests]).toEqual([
    ["photon.ovf", { algorithm: "sha256", hex: sha256 }],
    ["disk-0.vmdk", { algorithm: "sha1", hex: "b".repeat(40) }],
    ["a (1).nvram", { algorithm: "sha512", hex: "c".repeat(128) }],
  ]);
  expect(unreadLines).toEqual([]);
});

test("tells the lines that it cannot judge by", () => {
  const text = `SHA3-256(a)= ${sha256}\nSHA256(b)= ${"a".repeat(63)}\nhello\nSHA256(c)= ${sha256}\nSHA256(c)= ${sha256}`;
  const { digests, unreadLines } = parseManifest(text);
  expect([...digests.keys()]).toEqual(["c"]);
  expect(unreadLines).toEqual([1, 2, 3, 5]);
});

test("survives any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const { digests, unreadLines } = parseManifest(text);
      const lines = text.split(/\r\n|\n|\r/).filter((line) => line.replace(/^\uFEFF/, "").trim() !== "");
      expect(digests.size + unreadLines.length).toBe(lines.length);
    }),
  );
});

test("finds the one manifest", () => {
  expect(manifestName(["a.ovf", "A.MF", "a.vmdk"])).toBe("A.MF");
  expect(manifestName(["a.ovf"])).toBeUndefined();
  expect(manifestName(["a.mf", "b.mf"])).toBeUndefined();
});
