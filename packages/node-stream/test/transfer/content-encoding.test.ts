import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { hexDigest } from "@carrel/test-kit";
import { describe, expect, test } from "vitest";
import { openTransfer } from "../../src/index.ts";
import type { TransferFacts, TransferOptions } from "../../src/index.ts";
import { encodingOf, isEncodedByName } from "@carrel/core/transfer";
import { serveBytes, startByteServer } from "../support/byte-server.ts";
import type { ByteServer } from "../support/byte-server.ts";
import { readAll } from "../support/read-all.ts";
import type { Seen } from "../support/read-all.ts";

const archive = gzipSync(randomBytes(200_000));
const text = Buffer.from("<ovf/>\n".repeat(10_000));
const encoded = gzipSync(text);
const sha1 = (bytes: Buffer): { checksum: string } => ({ checksum: hexDigest("sha1", bytes) });

/** Serves bytes and ranges with a label; the first `cuts` responses break off. */
function startLabelled(bytes: Buffer, label: string, cuts = 0): Promise<ByteServer> {
  return startByteServer((request, response, index) => {
    response.setHeader("content-encoding", label);
    if (index >= cuts) return serveBytes(bytes, request, response);
    response.writeHead(200, { "content-length": bytes.length, etag: '"v1"' });
    response.write(bytes.subarray(0, 5_000), () => response.destroy());
  });
}

async function transfer(server: ByteServer, options: TransferOptions): Promise<Seen & { facts?: TransferFacts }> {
  let facts: TransferFacts | undefined;
  const onVerified = (verified: TransferFacts): void => void (facts = verified);
  const seen = await readAll(
    openTransfer({ uri: server.url() }, { proxy: false, resumeDelayMs: 1, onVerified, ...options }),
  );
  return { ...seen, ...(facts !== undefined && { facts }) };
}

describe("openTransfer accepts bytes that are labelled as encoded", () => {
  test.for<[string, string, TransferOptions]>([
    ["by the name of the file", "gzip", { fileName: "debian.tgz" }],
    ["by the name, in capitals", "GZIP", { fileName: "DEBIAN.OVA.GZ" }],
    ["as Apache says", "x-gzip", { fileName: "debian.tar.gz" }],
    ["by the length", "gzip", { fileName: "disk.vmdk", expect: { sizeBytes: archive.length } }],
    ["by the checksum", "gzip", { fileName: "disk.vmdk", expect: { checksum: sha1(archive) } }],
    ["by a checksum that is asked for later", "deflate", { expect: { checksum: async () => sha1(archive) } }],
    ["by the checksum, whatever the label", "UTF-8", { expect: { checksum: sha1(archive) } }],
    ["because they are not", "identity", { fileName: "disk.vmdk" }],
    ["because there is no label", "", { fileName: "disk.vmdk" }],
  ])("%s", async ([, label, options]) => {
    for (const cuts of [0, 1]) {
      await using server = await startLabelled(archive, label, cuts);
      const seen = await transfer(server, options);
      expect(seen).toMatchObject({ isEnded: true, error: undefined });
      expect(seen.bytes.equals(archive)).toBe(true);
      expect(server.requests.at(-1)?.headers.range).toBe(cuts === 0 ? undefined : "bytes=5000-");
    }
  });

  test("and reports an unexplained encoding with the facts", async () => {
    await using server = await startLabelled(archive, "gzip");
    const proven = await transfer(server, { fileName: "disk.vmdk", expect: { checksum: sha1(archive) } });
    expect(proven.facts).toMatchObject({ contentEncoding: '"gzip"', verifiedBy: "checksum", origin: server.origin });
    const explained = await transfer(server, { fileName: "disk.tgz" });
    expect(explained.facts).toMatchObject({ contentEncoding: undefined, verifiedBy: "length" });
  });
});

describe("openTransfer rejects encoded bytes, given", () => {
  test.for<[string, TransferOptions, RegExp]>([
    ["nothing known", { fileName: "a.ovf" }, /encoding "gzip".* neither a checksum nor a length/u],
    [
      "another length",
      { fileName: "a.ovf", expect: { sizeBytes: text.length } },
      /encoding "gzip".* bytes, expected 70000/u,
    ],
    [
      "another length, though the name fits",
      { fileName: "a.tgz", expect: { sizeBytes: text.length } },
      /bytes, expected 70000/u,
    ],
    ["another checksum", { fileName: "a.ovf", expect: { checksum: sha1(text) } }, /does not match.*encoding "gzip"/u],
    [
      "no checksum after all",
      { fileName: "a.ovf", expect: { checksum: async () => undefined } },
      /neither a checksum/u,
    ],
  ])("%s", async ([, options, message]) => {
    await using server = await startLabelled(encoded, "gzip");
    const { isEnded, error } = await transfer(server, options);
    expect(isEnded).toBe(false);
    const problem = /bytes, expected/u.test(String(error)) ? "not-the-file" : "encoded";
    expect(error).toMatchObject({ code: "INTEGRITY", problem });
    expect(String(error)).toMatch(message);
    expect(server.requests).toHaveLength(1);
  });

  test("an encoding of a strange name, which it shortens and escapes", async () => {
    await using server = await startLabelled(encoded, "x".repeat(200));
    expect(String((await transfer(server, {})).error)).toMatch(/encoding "x{40}\.\.\."/u);
  });
});

test("isEncodedByName compares labels with names", () => {
  for (const header of [undefined, "", " ", "identity", "Identity, identity", ","])
    expect(encodingOf(header)).toBeUndefined();
  expect(encodingOf(" GZip ")).toBe("gzip");
  expect(encodingOf("gzip, identity, br")).toBe("gzip, br");
  for (const [label, name] of [
    ["gzip", "a.tgz"],
    ["x-gzip", "a.gz"],
    ["compress", "a.Z"],
    ["zstd", "a.tar.zst"],
    ["br", "a.br"],
    ["x-bzip2", "a.tbz2"],
    ["xz", "a.xz"],
  ] as const) {
    expect(isEncodedByName(label, name)).toBe(true);
  }
  for (const [label, name] of [
    ["gzip", "a.vmdk"],
    ["gzip", "tgz"],
    ["br", "a.gz"],
    ["gzip, gzip", "a.gz"],
  ] as const) {
    expect(isEncodedByName(label, name)).toBe(false);
  }
});
