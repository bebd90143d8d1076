import { randomBytes } from "node:crypto";
import { CarrelError } from "@carrel/core";
import { hexDigest, tries } from "@carrel/test-kit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openTransfer } from "../../src/index.ts";
import type { TransferOptions } from "../../src/index.ts";
import { startByteServer } from "../support/byte-server.ts";
import { goodManners, poorManners, startFaultyServer } from "../support/faulty-server.ts";
import type { Fault, Manners } from "../support/faulty-server.ts";
import { readAll } from "../support/read-all.ts";
import type { Seen } from "../support/read-all.ts";

const file = randomBytes(1_200_000);
const other = randomBytes(1_200_000);
const sha256 = hexDigest("sha256", file);
const block = 262_144;
const positions = [0, 1, 16_384, block - 1, block, block + 1, 2 * block, file.length - 1, file.length];

const lastModified: Manners = { ranges: true, etag: undefined, framing: "length" };
const closing: Manners = { ranges: false, etag: undefined, framing: "close" };
const servers: readonly (readonly [string, Manners])[] = [
  ["ranges and an ETag", goodManners],
  ["ranges, and nothing to know the file by", lastModified],
  ["neither ranges nor a length, as vcsim", poorManners],
  ["neither ranges nor a length, ended by closing", closing],
];

async function transfer(
  faults: readonly (Fault | undefined)[],
  manners: Manners,
  options: TransferOptions,
): Promise<Seen> {
  await using server = await startFaultyServer(file, faults, manners);
  const source = (): Promise<{ uri: string }> => Promise.resolve({ uri: server.url() });
  const seen = await readAll(openTransfer(source, { stallTimeoutMs: 48, resumeDelayMs: 1, proxy: false, ...options }));
  await server.idle();
  return seen;
}

/** The guarantee: exactly the bytes and an end, or a typed error; never a false end. */
function expectHonest(seen: Seen): void {
  if (seen.isEnded) {
    expect(seen.error).toBeUndefined();
    expect(seen.bytes.equals(file)).toBe(true);
  } else {
    expect(seen.error).toBeInstanceOf(CarrelError);
    expect(["TRANSFER", "INTEGRITY"]).toContain((seen.error as CarrelError).code);
  }
}

const mendable = ["reset", "shortClose", "truncate", "stall"] as const;
const checked: TransferOptions = {
  expect: { sizeBytes: file.length, checksum: { algorithm: "SHA256", checksum: sha256 } },
};

describe.for(servers)("openTransfer, from a server with %s,", { timeout: 120_000 }, ([, manners]) => {
  test.for(mendable)("resumes after a %s at every position, once and three times", async (kind) => {
    for (const atByte of positions) {
      const fault: Fault = { kind, atByte };
      for (const faults of [[fault], [fault, fault, fault]]) {
        const seen = await transfer(faults, manners, checked);
        expect({ kind, atByte, times: faults.length, error: seen.error }).toEqual({
          kind,
          atByte,
          times: faults.length,
          error: undefined,
        });
        expectHonest(seen);
      }
    }
  });

  test("resumes after temporary statuses, and renews an endpoint that is refused", async () => {
    for (const status of [401, 403, 404, 410, 429, 500, 502, 503]) {
      const faults: Fault[] = [
        { kind: "reset", atByte: 300_000 },
        { kind: "status", status, headers: status === 429 ? { "retry-after": "0" } : {} },
      ];
      const seen = await transfer(faults, manners, checked);
      expect({ status, error: seen.error }).toEqual({ status, error: undefined });
      expectHonest(seen);
    }
  });

  test("never ends after a corrupt byte, a page, surplus bytes, or another file", async () => {
    for (const atByte of positions.slice(0, -1)) {
      const seen = await transfer([{ kind: "corrupt", atByte }], manners, checked);
      expect(seen.isEnded).toBe(false);
      expectHonest(seen);
    }
    const cut: Fault = { kind: "reset", atByte: 300_000 };
    const wrongs: Fault[] = [
      { kind: "page", contentType: "text/html; charset=utf-8" },
      { kind: "page", contentType: "application/json" },
      { kind: "tooMuch" },
      { kind: "changed", bytes: other, etag: '"v2"' },
      { kind: "changed", bytes: other.subarray(1), etag: '"v2"' },
    ];
    for (const wrong of wrongs) {
      for (const faults of [[wrong], [cut, wrong]]) {
        const seen = await transfer(faults, manners, checked);
        expect({ faults, isEnded: seen.isEnded }).toEqual({ faults, isEnded: false });
        expectHonest(seen);
      }
    }
  });

  const atByte = fc.oneof(fc.constantFrom(...positions), fc.nat({ max: file.length }));
  const connections = fc.constantFrom(1, 1, 2, 4);
  const passing: readonly fc.Arbitrary<Fault | undefined>[] = [
    fc.record({ kind: fc.constantFrom(...mendable), atByte }),
    fc.constant({ kind: "ignoreRange" } as const),
    fc.record({ kind: fc.constant("status" as const), status: fc.constantFrom(206, 302, 401, 404, 416, 418, 503) }),
    fc.record({ kind: fc.constant("wrongRange" as const), shift: fc.constantFrom(-1, 1, -1000) }),
    fc.constant({ kind: "changed", bytes: other, etag: '"v2"' } as const),
    fc.constant({ kind: "changed", bytes: other, etag: undefined } as const),
    fc.constant(undefined),
  ];

  test("delivers the exact bytes or a typed error, for any faults at any bytes, with a checksum", async () => {
    const corrupt = fc.record({ kind: fc.constant("corrupt" as const), atByte });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(corrupt, ...passing), { maxLength: 7 }),
        connections,
        async (faults, parts) => {
          expectHonest(await transfer(faults, manners, { ...checked, connectionsPerFile: parts }));
        },
      ),
      { numRuns: tries(6, 400) },
    );
  });

  test("delivers one whole file or a typed error, never a mixture, for any faults at any bytes, with a length alone", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(...passing), { maxLength: 7 }), connections, async (faults, parts) => {
        const options = { expect: { sizeBytes: file.length }, connectionsPerFile: parts };
        const seen = await transfer(faults, manners, options);
        expectHonest(seen.isEnded && seen.bytes.equals(other) ? { ...seen, bytes: file } : seen);
      }),
      { numRuns: tries(6, 400) },
    );
  });
});

describe("openTransfer, with a length alone,", () => {
  const resetAt = (atByte: number): Fault => ({ kind: "reset", atByte });
  const changed: Fault = { kind: "changed", bytes: other, etag: '"v2"' };

  test.for([1, 2, 4])(
    "does not join two versions where the comparison was interrupted before its end, with %d connections",
    async (connectionsPerFile) => {
      for (const faults of [
        [undefined, changed, undefined, resetAt(0)],
        [undefined, changed, resetAt(0), resetAt(0)],
        [resetAt(16_384), changed, resetAt(0), resetAt(0), resetAt(0)],
        [resetAt(500_000), changed, resetAt(400_000)],
      ]) {
        const seen = await transfer(faults, goodManners, { expect: { sizeBytes: file.length }, connectionsPerFile });
        expectHonest(seen.isEnded && seen.bytes.equals(other) ? { ...seen, bytes: file } : seen);
      }
    },
  );

  test("does not join them with one connection either: the new ETag vouches for nothing that was not compared", async () => {
    await using server = await startByteServer((request, response, index) => {
      const etag = index === 0 ? '"v1"' : '"v2"';
      const bytes = index === 0 ? file : other;
      const first = /^bytes=(\d+)-/u.exec(request.headers.range ?? "")?.[1];
      const isPart = first !== undefined && request.headers["if-range"] === etag;
      const from = isPart ? Number(first) : 0;
      response.writeHead(isPart ? 206 : 200, {
        "content-length": bytes.length - from,
        etag,
        ...(isPart && { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
      });
      if (index > 1) response.end(bytes.subarray(from));
      else response.write(bytes.subarray(0, index === 0 ? 500_000 : 100_000), () => response.socket?.resetAndDestroy());
    });
    const options = { expect: { sizeBytes: file.length }, resumeDelayMs: 1, proxy: false as const };
    const seen = await readAll(openTransfer(async () => ({ uri: server.url() }), options));
    expect(seen).toMatchObject({ isEnded: false, error: { code: "INTEGRITY", problem: "changed" } });
  });
});
