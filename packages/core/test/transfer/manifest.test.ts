import fc from "fast-check";
import { expect, test } from "vitest";
import { isManifest, parseManifest } from "../../src/transfer/manifest.ts";
import type { Manifest } from "../../src/transfer/manifest.ts";

const sha1 = "b".repeat(40);
const sha256 = "a".repeat(64);
const sha512 = "c".repeat(128);

function parse(text: string): Manifest {
  return parseManifest("x.mf", Buffer.from(text));
}

function digestsOf({ lines, notes }: Manifest): readonly (readonly [string, string, string])[] {
  expect(notes).toEqual([]);
  return lines.map(({ named, digest }) => [named, digest.algorithm, digest.hex]);
}

test("parseManifest reads the lines that tools write", () => {
  const manifest = parse(
    `SHA256(photon.ovf)= ${sha256.toUpperCase()}\r\n` +
      `SHA1 (disk-0.vmdk) = ${sha1}\n` +
      `\n` +
      `SHA512(a (1).nvram)=${sha512}\r` +
      `sha2-256(b)= ${sha256}\n  Sha-512 ( c ) = ${sha512}  \n` +
      `SHA2_512(d)=${sha512}\nMD5(e)= ${"d".repeat(32)}\n`,
  );
  expect(digestsOf(manifest)).toEqual([
    ["photon.ovf", "sha256", sha256],
    ["disk-0.vmdk", "sha1", sha1],
    ["a (1).nvram", "sha512", sha512],
    ["b", "sha256", sha256],
    [" c ", "sha512", sha512],
    ["d", "sha512", sha512],
    ["e", "md5", "d".repeat(32)],
  ]);
  expect(manifest.lines.map(({ line }) => line)).toEqual([1, 2, 4, 5, 6, 7, 8]);
});

test("parseManifest reads lists of digests, as sha256sum writes them", () => {
  const text = `${sha256}  a b.ovf\n${sha1.toUpperCase()} *disk.vmdk\n${sha1} one space\n${sha1}\ttab\r\n\\${sha512}  odd\\\\name\\n.vmdk\n`;
  expect(digestsOf(parse(text))).toEqual([
    ["a b.ovf", "sha256", sha256],
    ["disk.vmdk", "sha1", sha1],
    ["one space", "sha1", sha1],
    ["tab", "sha1", sha1],
    ["odd\\name\n.vmdk", "sha512", sha512],
  ]);
});

test.each([
  ["utf-8 with a mark", (text: string) => Buffer.from(`\uFEFF${text}`)],
  ["utf-16 as Windows writes it", (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le")],
  ["utf-16 the other way round", (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le").swap16()],
])("parseManifest reads %s", (_what, encode) => {
  expect(digestsOf(parseManifest("x.mf", encode(`SHA256(ü.ovf)= ${sha256}\r\n`)))).toEqual([
    ["ü.ovf", "sha256", sha256],
  ]);
});

test("parseManifest returns each of several lines for one file", () => {
  const { lines } = parse(`SHA1(c)= ${sha1}\nSHA256(c)= ${sha256}\nSHA256(c)= ${sha256}`);
  expect(lines.map(({ named }) => named)).toEqual(["c", "c", "c"]);
});

test("parseManifest notes each line that cannot be used, and why", () => {
  const long = "x".repeat(200);
  const text = [
    `SHA3-256(a)= ${sha256}`,
    `SHA256(b)= ${"a".repeat(63)}`,
    "hello",
    `SHA512/256(c)= ${sha256}`,
    `SHA256(d)= ${"g".repeat(64)}`,
    `SHA256(e)=`,
    `${"a".repeat(41)}  f`,
    long,
    `SHA256()= ${sha256}`,
    `SHA384(g)= ${"e".repeat(96)}`,
  ];
  const { lines, notes } = parse(text.join("\n"));
  expect(lines).toEqual([]);
  expect(notes).toEqual(
    [
      { reason: "unknown-algorithm", named: "a", value: "SHA3-256" },
      { reason: "digest-length", named: "b", value: "a".repeat(63) },
      { reason: "unreadable-line", value: "hello" },
      { reason: "unknown-algorithm", named: "c", value: "SHA512/256" },
      { reason: "digest-length", named: "d", value: "g".repeat(64) },
      { reason: "digest-length", named: "e", value: "" },
      { reason: "digest-length", named: "f", value: "a".repeat(41) },
      { reason: "unreadable-line", value: `${"x".repeat(100)}…` },
      { reason: "unreadable-line", value: `SHA256()= ${sha256}` },
      { reason: "unknown-algorithm", named: "g", value: "SHA384" },
    ].map((note, index) => ({ ...note, manifest: "x.mf", line: index + 1 })),
  );
});

test.each([
  ["empty", Buffer.from("\r\n \n")],
  ["encoding", Buffer.from(`SHA256(a)= ${sha256}`, "utf16le")],
  ["too-large", Buffer.alloc(5_000_000, "x")],
])("parseManifest notes a manifest that states nothing: %s", (reason, bytes) => {
  expect(parseManifest("x.mf", bytes)).toEqual({ name: "x.mf", lines: [], notes: [{ reason, manifest: "x.mf" }] });
});

test("parseManifest reads or notes every line of any text", () => {
  const line = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc
      .tuple(fc.constantFrom("SHA256", "sha2-512", "MD4"), fc.string(), fc.string())
      .map(([word, name, hex]) => `${word}(${name})= ${hex}`),
  );
  fc.assert(
    fc.property(fc.array(line), (texts) => {
      const text = texts.join("\n").replaceAll("\0", "");
      const { lines, notes } = parse(text);
      const given = text.split(/\r\n|\n|\r/u).filter((each) => each.replace(/^\uFEFF/u, "").trim() !== "").length;
      expect(lines.length + notes.length).toBe(Math.max(given, 1));
    }),
  );
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseManifest("x.mf", bytes)));
});

test("parseManifest takes time linear in the length of a line", () => {
  const hostile = [
    `SHA256(${")=a".repeat(1_300_000)} x`,
    `SHA256(a)${" ".repeat(4_000_000)}`,
    `${"a ".repeat(2_000_000)}(`,
  ];
  for (const text of hostile) {
    expect(parse(text)).toMatchObject({ lines: [], notes: [{ line: 1 }] });
  }
});

test("isManifest recognizes a manifest by its name", () => {
  expect(["a.mf", "A.MF", "folder/a.mf"].map(isManifest)).toEqual([true, true, true]);
  expect(["a.ovf", "._a.mf", "folder/._a.mf", "mf", "a.mf.bak"].map(isManifest)).toEqual(Array(5).fill(false));
});
