import { randomBytes } from "node:crypto";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { IntegrityError, TransferError } from "@carrel/core";
import type { ChecksumAlgorithm, ChecksumInfo } from "@carrel/core";
import { hexDigest } from "@carrel/test-kit";
import { describe, expect, test } from "vitest";
import { openTransfer, RateLimit } from "../../src/index.ts";
import type { TransferOptions } from "../../src/index.ts";
import { serveBytes, startByteServer } from "../support/byte-server.ts";
import { always, goodManners, poorManners, startFaultyServer } from "../support/faulty-server.ts";
import { readAll } from "../support/read-all.ts";
import type { Seen } from "../support/read-all.ts";

const file = randomBytes(700_000);

function hexOf(algorithm: ChecksumAlgorithm, bytes: Buffer = file): string {
  return hexDigest(algorithm.toLowerCase(), bytes);
}

async function read(options: TransferOptions, bytes: Buffer = file): Promise<Seen> {
  await using server = await startByteServer((request, response) => serveBytes(bytes, request, response));
  return await readAll(openTransfer({ uri: server.url() }, { proxy: false, resumeDelayMs: 1, ...options }));
}

describe("openTransfer compares the digest", () => {
  test.for<ChecksumAlgorithm>(["SHA1", "SHA256", "SHA512", "MD5"])(
    "%s, in upper or lower case, known before or after",
    async (algorithm) => {
      const checksum = hexOf(algorithm);
      for (const text of [checksum, checksum.toUpperCase(), ` ${checksum}\n`]) {
        const info: ChecksumInfo = { algorithm, checksum: text };
        expect((await read({ expect: { checksum: info } })).isEnded).toBe(true);
        expect((await read({ expect: { checksum: () => Promise.resolve(info) } })).isEnded).toBe(true);
      }
      const wrong: ChecksumInfo = { algorithm, checksum: hexOf(algorithm, file.subarray(1)) };
      for (const info of [wrong, () => Promise.resolve(wrong)]) {
        const seen = await read({ expect: { checksum: info } });
        expect(seen.isEnded).toBe(false);
        expect(seen.error).toBeInstanceOf(IntegrityError);
        expect(String(seen.error)).toContain(checksum);
      }
    },
  );

  test("SHA-1 where the server names none", async () => {
    expect((await read({ expect: { checksum: { checksum: hexOf("SHA1") } } })).isEnded).toBe(true);
  });

  test("after waiting for it, and fails with what the function throws", async () => {
    const answer = Promise.withResolvers<ChecksumInfo | undefined>();
    let isAsked = false;
    const seen = read({
      expect: {
        checksum: () => {
          isAsked = true;
          return answer.promise;
        },
      },
    });
    await expect.poll(() => isAsked).toBe(true);
    expect(await Promise.race([seen, setTimeout(30, "still open")])).toBe("still open");
    answer.resolve({ checksum: hexOf("SHA1") });
    expect((await seen).isEnded).toBe(true);
    const failure = new Error("no session");
    expect((await read({ expect: { checksum: () => Promise.reject(failure) } })).error).toBe(failure);
  });

  test("and fails where it was not computed", async () => {
    const checksum = (): Promise<ChecksumInfo> => Promise.resolve({ algorithm: "SHA512", checksum: hexOf("SHA512") });
    const seen = await read({ digests: ["SHA256"], expect: { checksum } });
    expect(seen.error).toBeInstanceOf(IntegrityError);
    expect(seen.error).toMatchObject({ problem: "unverifiable" });
    expect(String(seen.error)).toContain("a SHA512 digest, which was not computed");
  });
});

describe("TransferFacts", () => {
  async function facts(options: TransferOptions, manners = goodManners): Promise<unknown> {
    await using server = await startFaultyServer(file, [], manners);
    const stream = openTransfer({ uri: server.url() }, { proxy: false, ...options });
    await readAll(stream);
    return stream.facts;
  }

  test("state how the bytes were verified", async () => {
    const checksum = { algorithm: "SHA256", checksum: hexOf("SHA256") } as const;
    expect(await facts({ expect: { checksum } })).toMatchObject({ verifiedBy: "checksum", checksum });
    const absent = (): Promise<undefined> => Promise.resolve(undefined);
    expect(await facts({ expect: { checksum: absent } })).toMatchObject({ verifiedBy: "length", checksum: undefined });
    expect(await facts({})).toMatchObject({ verifiedBy: "length", digests: {}, validator: { etag: '"v1"' } });
    expect(await facts({}, poorManners)).toMatchObject({ verifiedBy: "nothing", sizeBytes: file.length });
    expect(await facts({ expect: { sizeBytes: file.length } }, poorManners)).toMatchObject({ verifiedBy: "length" });
    expect(await facts({ digests: ["MD5", "SHA1"] })).toMatchObject({
      digests: { MD5: hexOf("MD5"), SHA1: hexOf("SHA1") },
    });
  });

  test("are reported before the end", async () => {
    const order: string[] = [];
    await using server = await startFaultyServer(file, []);
    const stream = openTransfer({ uri: server.url() }, { proxy: false, onVerified: () => order.push("verified") });
    stream.on("end", () => order.push("end"));
    await readAll(stream);
    expect(order).toEqual(["verified", "end"]);
  });

  test("are those of an empty file", async () => {
    for (const manners of [goodManners, poorManners]) {
      await using server = await startFaultyServer(Buffer.alloc(0), [], manners);
      for (const connectionsPerFile of [1, 4]) {
        const stream = openTransfer(
          { uri: server.url() },
          { proxy: false, connectionsPerFile, expect: { sizeBytes: 0 } },
        );
        expect(await readAll(stream)).toMatchObject({ isEnded: true, error: undefined });
        expect(stream.facts).toMatchObject({ sizeBytes: 0, verifiedBy: "length" });
      }
    }
  });

  test("are not reported for an empty file before a server has responded", async () => {
    await using server = await startFaultyServer(Buffer.alloc(0), always({ kind: "status", status: 503 }));
    const seen = await readAll(
      openTransfer({ uri: server.url() }, { proxy: false, resumeDelayMs: 1, expect: { sizeBytes: 0 } }),
    );
    expect(seen).toMatchObject({ isEnded: false, error: { code: "TRANSFER", status: 503 } });
  });
});

describe("openTransfer, with a start in the middle,", () => {
  const startByte = 300_000;
  const prefix = (): Readable => Readable.from([file.subarray(0, 100), file.subarray(100, startByte)]);
  const checksum = { algorithm: "SHA256", checksum: hexOf("SHA256") } as const;
  const rest = file.subarray(startByte);

  test.for([
    ["honours ranges", goodManners],
    ["ignores ranges", poorManners],
  ] as const)("from a server that %s", async ([, manners]) => {
    await using server = await startFaultyServer(file, [], manners);
    const open = (options: TransferOptions): Promise<Seen> =>
      readAll(openTransfer({ uri: server.url() }, { proxy: false, startByte, ...options }));
    for (const options of [{}, { prefix }, { prefix, expect: { checksum } }, { expect: { sizeBytes: file.length } }]) {
      const seen = await open(options);
      expect(seen).toMatchObject({ isEnded: true, error: undefined });
      expect(seen.bytes.equals(rest)).toBe(true);
    }
    const otherPrefix = (): Readable => Readable.from([Buffer.alloc(startByte)]);
    expect((await open({ prefix: otherPrefix, expect: { checksum } })).error).toBeInstanceOf(IntegrityError);
    if (manners === poorManners) expect((await open({ prefix: otherPrefix })).error).toBeInstanceOf(IntegrityError);
    expect((await open({ prefix, digests: ["MD5"], startByte: 5 })).error).toBeInstanceOf(RangeError);
  });

  test("loses nothing of a response that arrives before the prefix is read", async () => {
    await using server = await startFaultyServer(file.subarray(0, 2000), [], {
      ranges: false,
      etag: undefined,
      framing: "close",
    });
    async function* slow(): AsyncGenerator<Buffer> {
      await setTimeout(60);
      yield file.subarray(0, 1000);
    }
    const seen = await readAll(openTransfer({ uri: server.url() }, { proxy: false, startByte: 1000, prefix: slow }));
    expect(seen.error).toBeUndefined();
    expect(seen.bytes.equals(file.subarray(1000, 2000))).toBe(true);
  });

  test("fails where the file has changed since", async () => {
    await using server = await startFaultyServer(file, []);
    const expectation = { validator: { etag: '"v0"' }, sizeBytes: file.length };
    const seen = await readAll(openTransfer({ uri: server.url() }, { proxy: false, startByte, expect: expectation }));
    expect(seen.error).toBeInstanceOf(IntegrityError);
    expect(String(seen.error)).toContain('"v0"');
  });

  test("fetches nothing at the very end", async () => {
    const options = { proxy: false, startByte: file.length, expect: { sizeBytes: file.length } } as const;
    await using server = await startFaultyServer(file, []);
    expect((await readAll(openTransfer({ uri: server.url() }, options))).isEnded).toBe(true);
    expect(server.requests).toHaveLength(0);
    const { expect: _, ...unknown } = options;
    const stream = openTransfer({ uri: server.url() }, unknown);
    expect((await readAll(stream)).isEnded).toBe(true);
    expect(stream.facts?.sizeBytes).toBe(file.length);
  });
});

describe("openTransfer resumes", () => {
  test("with only the rest where the server honours ranges", async () => {
    await using server = await startFaultyServer(file, [
      { kind: "reset", atByte: 200_000 },
      { kind: "reset", atByte: 500_000 },
    ]);
    const resumes: unknown[] = [];
    const stream = openTransfer(
      { uri: server.url() },
      { proxy: false, resumeDelayMs: 1, onResume: (resume) => resumes.push(resume) },
    );
    const seen = await readAll(stream);
    expect(seen.bytes.equals(file)).toBe(true);
    expect(stream.fetchedBytes).toBe(file.length);
    expect(stream.facts?.resumes).toBe(2);
    expect(resumes).toMatchObject([
      { failures: 1, cause: { code: "TRANSFER" } },
      { failures: 1, cause: { code: "TRANSFER" } },
    ]);
    const ranges = server.requests.map(({ headers }) => [headers.range !== undefined, headers["if-range"]]);
    expect(ranges).toEqual([
      [false, undefined],
      [true, '"v1"'],
      [true, '"v1"'],
    ]);
  });

  test("until too many interruptions without progress, and names the last one", async () => {
    await using server = await startFaultyServer(file, always({ kind: "reset", atByte: 0 }));
    const seen = await readAll(openTransfer({ uri: server.url() }, { proxy: false, resumeDelayMs: 1, resumeLimit: 3 }));
    expect(server.requests).toHaveLength(4);
    expect(seen.error).toBeInstanceOf(TransferError);
    expect(String(seen.error)).toMatch(/failed: .*\(gave up at byte 0 after resuming 3 times without progress\)$/u);
  });

  test.for<[string, Record<string, string>, number]>([
    ["in seconds", { "retry-after": "3" }, 3_000],
    [
      "as a date, by the server's own clock",
      { date: "Mon, 23 Nov 2026 10:00:00 GMT", "retry-after": "Mon, 23 Nov 2026 10:00:05 GMT" },
      5_000,
    ],
    ["longer than 20 s", { "retry-after": "86400" }, 20_000],
  ])("after as long as the server asks: %s", async ([, headers, delayMs]) => {
    await using server = await startByteServer((_request, response) => response.writeHead(503, headers).end());
    const stop = new AbortController();
    const delays: number[] = [];
    const onResume = (resume: { readonly delayMs: number }): void => {
      delays.push(resume.delayMs);
      stop.abort();
    };
    await readAll(openTransfer({ uri: server.url() }, { proxy: false, signal: stop.signal, onResume }));
    expect(delays).toEqual([delayMs]);
  });

  test("with a comparison where no ETag vouches for the bytes any longer", async () => {
    for (const now of [file, Buffer.concat([randomBytes(1), file.subarray(1)])]) {
      await using server = await startByteServer((_request, response, index) => {
        if (index === 0) {
          response.writeHead(200, { "content-length": file.length, etag: '"v1"' });
          response.write(file.subarray(0, 1000), () => response.destroy());
        } else response.writeHead(200, { "content-length": file.length }).end(now);
      });
      const seen = await readAll(openTransfer({ uri: server.url() }, { proxy: false, resumeDelayMs: 1 }));
      if (now === file) expect(seen).toMatchObject({ isEnded: true, bytes: file });
      else expect(seen.error).toMatchObject({ code: "INTEGRITY", problem: "changed" });
    }
  });

  test("until a body ended too early too often, with an IntegrityError", async () => {
    await using server = await startByteServer((_request, response) => response.end(file.subarray(0, 1000)));
    const options = {
      proxy: false,
      resumeDelayMs: 1,
      resumeLimit: 2,
      fileName: "disk.iso",
      expect: { sizeBytes: file.length },
    } as const;
    const seen = await readAll(openTransfer({ uri: server.url() }, options));
    expect(seen.error).toBeInstanceOf(IntegrityError);
    expect(String(seen.error)).toContain('"disk.iso"');
  });

  test("without secrets in errors or in what is published", async () => {
    const published: unknown[] = [];
    const names = ["start", "response", "resume", "verified", "error"].map((name) => `carrel:transfer:${name}`);
    const listen = (message: unknown, name: string | symbol): number =>
      published.push({ name, ...(message as object) });
    for (const name of names) subscribe(name, listen);
    await using server = await startFaultyServer(file, [
      { kind: "reset", atByte: 9 },
      { kind: "status", status: 418 },
    ]);
    const url = server.url("/cls/data/5ec4e7/disk.iso");
    const failed = await readAll(openTransfer({ uri: url }, { proxy: false, resumeDelayMs: 1 }));
    await readAll(openTransfer({ uri: url }, { proxy: false, fileName: "disk.iso" }));
    for (const name of names) unsubscribe(name, listen);
    expect(published.map((message) => (message as { name: string }).name.slice(16))).toEqual([
      "start",
      "response",
      "resume",
      "response",
      "error",
      "start",
      "response",
      "verified",
    ]);
    const all = JSON.stringify(published) + String(failed.error) + JSON.stringify(failed.error);
    expect(all).not.toContain("5ec4e7");
    expect(all).toContain(server.origin);
  });
});

describe("RateLimit", () => {
  test("applies to one transfer, and to several that share it", async () => {
    await using server = await startByteServer((request, response) => serveBytes(file, request, response));
    const open = (maxBytesPerSecond: number | RateLimit): Promise<Seen> =>
      readAll(openTransfer({ uri: server.url() }, { proxy: false, maxBytesPerSecond, stallTimeoutMs: 16 }));
    const started = performance.now();
    expect((await open(2_000_000)).bytes.equals(file)).toBe(true);
    const alone = performance.now() - started;
    expect(alone).toBeGreaterThan(220);
    const shared = new RateLimit(4_000_000);
    const both = performance.now();
    for (const seen of await Promise.all([open(shared), open(shared)])) expect(seen.bytes.equals(file)).toBe(true);
    expect(performance.now() - both).toBeGreaterThan(220);
  });

  test("counts by the clock, and allows a short burst", () => {
    let now = 1000;
    const limit = new RateLimit(1000, () => now);
    expect(limit.take(100)).toBe(0);
    expect(limit.take(500)).toBe(500);
    now += 500;
    expect(limit.take(1)).toBe(1);
    now += 60_000;
    expect(limit.take(200)).toBe(100);
  });
});
