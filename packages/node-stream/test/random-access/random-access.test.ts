import { randomBytes } from "node:crypto";
import { asyncProperty, assert, array, boolean, constantFrom, integer, record } from "fast-check";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { openItemRandomAccess, openRandomAccess } from "../../src/index.ts";
import type { LeasedEndpoint, RandomAccessOptions } from "../../src/index.ts";
import { openDesk } from "../download/desk.ts";
import { serveBytes, startByteServer } from "../support/byte-server.ts";
import { goodManners, poorManners, startFaultyServer } from "../support/faulty-server.ts";
import type { Manners } from "../support/faulty-server.ts";

const file = randomBytes(300_000);
const noRanges: Manners = { ...goodManners, ranges: false };
const quick = { proxy: false, resumeDelayMs: 1, fileName: "x.ova" } as const;

test("openRandomAccess reads the same bytes as the file has, at any position, even after an interruption", async () => {
  const position = integer({ min: 0, max: file.length + 1_000 });
  const reads = array(record({ position, length: integer({ min: 0, max: 90_000 }), streamed: boolean() }), {
    minLength: 1,
    maxLength: 6,
  });
  await assert(
    asyncProperty(
      reads,
      constantFrom(1, 4_096, 32_768, 1_000_000),
      integer({ min: 0, max: file.length - 1 }),
      constantFrom("reset" as const, "shortClose" as const),
      async (wanted, readAheadBytes, breakAt, kind) => {
        await using server = await startFaultyServer(file, [{ kind, atByte: breakAt }], goodManners);
        await using access = await openRandomAccess({ uri: server.url() }, { ...quick, readAheadBytes });
        expect(access.sizeBytes).toBe(file.length);
        await Promise.all(
          wanted.map(async ({ position: at, length, streamed }) => {
            const expected = file.subarray(at, at + length);
            const isEmpty = expected.length === 0;
            const bytes = streamed && !isEmpty ? buffer(access.stream(at, length)) : access.read(at, length);
            expect(Buffer.compare(await bytes, expected)).toBe(0);
          }),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test("openRandomAccess fetches little of a large file, and the same bytes once", async () => {
  await using server = await startByteServer((request, response) => serveBytes(file, request, response));
  await using access = await openRandomAccess({ uri: server.url() }, { ...quick, readAheadBytes: 1_000 });
  await access.read(0, 512);
  await access.read(512, 400);
  await access.read(200_000, 512);
  await access.read(200_512, 488);
  await access.read(299_900, 512);
  expect(server.requests.map(({ headers }) => headers.range)).toEqual([
    "bytes=0-999",
    "bytes=200000-200999",
    "bytes=299900-299999",
  ]);
  expect(access.fetchedBytes).toBe(2_100);
});

test.for([
  ["ignores ranges", { ranges: false }, 'Cannot read a part of "x.ova": the server does not honour ranges'],
  ["sends the wrong range", { shift: 10 }, 'Cannot read a part of "x.ova": the server does not honour ranges'],
] as const)("openRandomAccess refuses a server that %s, and reads no more of it", async ([, kind, message]) => {
  const totalBytes = 50_000_000;
  let sentBytes = 0;
  function* body(bytes: number): Iterable<Buffer> {
    for (; sentBytes < bytes; sentBytes += 10_000) yield Buffer.alloc(Math.min(10_000, bytes - sentBytes));
  }
  await using server = await startByteServer((_request, response) => {
    const isRange = "shift" in kind;
    const range = { "content-range": `bytes 10-32777/${totalBytes}`, "content-length": 32_768 };
    response.writeHead(isRange ? 206 : 200, isRange ? range : { "content-length": totalBytes });
    Readable.from(body(isRange ? 32_768 : totalBytes))
      .on("error", () => {})
      .pipe(response);
  });
  await expect(openRandomAccess({ uri: server.url() }, quick)).rejects.toMatchObject({
    code: "TRANSFER",
    problem: "no-range",
    retryable: false,
    message,
  });
  await server.idle();
  expect(server.requests).toHaveLength(1);
  expect(sentBytes).toBeLessThan(totalBytes);
});

test("openRandomAccess reads a file that is shorter than what it asks for, whatever the server does about ranges", async () => {
  for (const [manners, bytes] of [
    [goodManners, file.subarray(0, 100)],
    [noRanges, file.subarray(0, 100)],
    [goodManners, Buffer.alloc(0)],
    [noRanges, Buffer.alloc(0)],
  ] as const) {
    await using server = await startFaultyServer(bytes, [], manners);
    await using access = await openRandomAccess({ uri: server.url() }, quick);
    expect(access.sizeBytes).toBe(bytes.length);
    expect(Buffer.compare(await access.read(0, 1_000), bytes)).toBe(0);
    expect(await access.read(5_000, 10)).toHaveLength(0);
  }
});

test("openRandomAccess refuses a server that states no length", async () => {
  await using server = await startFaultyServer(file, [], poorManners);
  await expect(openRandomAccess({ uri: server.url() }, quick)).rejects.toMatchObject({ problem: "no-range" });
  await server.idle();
});

test("openRandomAccess fails where the file changes between two reads", async () => {
  let etag = '"v1"';
  await using server = await startByteServer((request, response) => serveBytes(file, request, response, { etag }));
  await using access = await openRandomAccess({ uri: server.url() }, { ...quick, readAheadBytes: 100 });
  etag = '"v2"';
  await expect(access.read(1_000, 10)).rejects.toMatchObject({ code: "INTEGRITY", problem: "changed" });
});

test("openRandomAccess fails before a request that would exceed maxFetchedBytes", async () => {
  await using server = await startByteServer((request, response) => serveBytes(file, request, response));
  const options = { ...quick, readAheadBytes: 1_000, maxFetchedBytes: 2_500 };
  await using access = await openRandomAccess({ uri: server.url() }, options);
  await access.read(10_000, 10);
  await expect(access.read(20_000, 10)).rejects.toThrow(
    new RangeError("Cannot fetch 1000 bytes at position 20000: 2000 bytes were fetched, and maxFetchedBytes is 2500"),
  );
  expect(() => access.stream(20_000, 501)).toThrow(RangeError);
  expect(server.requests).toHaveLength(2);
});

test.for<readonly [keyof RandomAccessOptions, number]>([
  ["readAheadBytes", 0],
  ["readAheadBytes", 1.5],
  ["maxFetchedBytes", 0],
  ["stallTimeoutMs", 0],
])("openRandomAccess refuses %s %d", async ([name, value]) => {
  await expect(openRandomAccess({ uri: "http://127.0.0.1:1/x" }, { [name]: value })).rejects.toThrow(RangeError);
});

test("openRandomAccess asks for a new endpoint once where several reads are refused, and not before", async () => {
  let valid = "a";
  await using server = await startByteServer((request, response) => {
    if (request.url === `/${valid}`) serveBytes(file, request, response);
    else response.writeHead(404).end();
  });
  const asked: (string | undefined)[] = [];
  const source = async ({ rejected }: { rejected?: { uri: string } }): Promise<LeasedEndpoint> => {
    asked.push(rejected?.uri);
    return { endpoint: { uri: server.url(`/${valid}`) }, contentVersion: "1" };
  };
  await using access = await openRandomAccess(source, { ...quick, readAheadBytes: 10 });
  await access.read(1_000, 10);
  expect(asked).toEqual([undefined]);
  valid = "b";
  await Promise.all([access.read(2_000, 10), access.read(3_000, 10), access.read(4_000, 10)]);
  expect(asked).toEqual([undefined, server.url("/a")]);
});

test("openRandomAccess fails where a new endpoint belongs to another content version", async () => {
  let version = 1;
  await using server = await startByteServer((request, response) => {
    if (request.url === `/${version}`) serveBytes(file, request, response);
    else response.writeHead(404).end();
  });
  const source = async (): Promise<LeasedEndpoint> => ({
    endpoint: { uri: server.url(`/${version}`) },
    contentVersion: `${version}`,
  });
  await using access = await openRandomAccess(source, { ...quick, readAheadBytes: 10 });
  version = 2;
  await expect(access.read(2_000, 10)).rejects.toMatchObject({ code: "INTEGRITY", problem: "changed" });
});

test("openItemRandomAccess reads under a session of its own, and ends it", async () => {
  await using desk = await openDesk({ files: [{ name: "d.iso", sizeBytes: 1_000_000 }] });
  const expected = await desk.item.file("d.iso").bytes(500_000, 500_100);
  {
    await using access = await openItemRandomAccess(desk.client, desk.item.id, "d.iso", { proxy: false });
    expect(Buffer.compare(await access.read(500_000, 100), expected)).toBe(0);
    expect(desk.simulator.downloadSessions).toHaveLength(1);
  }
  expect(desk.simulator.downloadSessions).toEqual([]);
});

test("openItemRandomAccess leaves nothing where it fails, is aborted, or closes in the middle of a read", async () => {
  await using desk = await openDesk({ files: [{ name: "d.iso", sizeBytes: 1_000_000 }], transfer: { ranges: false } });
  const open = (name: string, options = {}): Promise<unknown> =>
    openItemRandomAccess(desk.client, desk.item.id, name, { proxy: false, ...options });
  await expect(open("d.iso")).rejects.toMatchObject({ problem: "no-range" });
  await expect(open("nothing.iso")).rejects.toMatchObject({ code: "PREPARE_FAILED" });
  await expect(open("d.iso", { signal: AbortSignal.abort(new Error("stop")) })).rejects.toThrow("stop");
  expect(desk.simulator.downloadSessions).toEqual([]);
});

test("a read that is under way when the file is closed fails, and its connection closes", async () => {
  const begun = Promise.withResolvers<undefined>();
  await using server = await startByteServer((request, response, index) => {
    if (index === 0) return serveBytes(file, request, response);
    response.writeHead(206, { "content-range": `bytes 1000-31999/${file.length}`, "content-length": 31_000 });
    response.write(file.subarray(1_000, 2_000), () => begun.resolve(undefined));
  });
  const access = await openRandomAccess({ uri: server.url() }, { ...quick, readAheadBytes: 100 });
  const reading = access.read(1_000, 31_000).catch((error: unknown) => error);
  await begun.promise;
  await access[Symbol.asyncDispose]();
  expect(await reading).toMatchObject({ name: "AbortError", message: "The file was closed" });
  await server.idle();
});
