import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { openTransfer } from "../../src/index.ts";
import { serveBytes, startByteServer } from "../support/byte-server.ts";
import { always, goodManners, poorManners, startFaultyServer } from "../support/faulty-server.ts";
import { readAll } from "../support/read-all.ts";

const file = randomBytes(1_000_000);
const quick = { proxy: false, resumeDelayMs: 1 } as const;

describe("TransferStream.opened", () => {
  test.for([
    [goodManners, {}, { totalBytes: file.length, validator: { etag: '"v1"' }, acceptsRanges: false }],
    [goodManners, { startByte: 9 }, { totalBytes: file.length, validator: { etag: '"v1"' }, acceptsRanges: true }],
    [goodManners, { connectionsPerFile: 2 }, { totalBytes: file.length, acceptsRanges: true }],
    [poorManners, {}, { totalBytes: undefined, validator: {}, acceptsRanges: false }],
    [poorManners, { startByte: 9 }, { totalBytes: undefined, validator: {}, acceptsRanges: false }],
    [poorManners, { expect: { sizeBytes: file.length } }, { totalBytes: file.length }],
  ] as const)("resolves with what the first response states: %j %j", async ([manners, options, head]) => {
    await using server = await startFaultyServer(file, [], manners);
    const stream = openTransfer({ uri: server.url() }, { ...quick, ...options });
    expect(server.requests).toHaveLength(0);
    expect(await stream.opened).toMatchObject(head);
    expect(stream.opened).toBe(stream.opened);
    const bytes = await buffer(stream);
    expect(bytes.equals(file.subarray("startByte" in options ? options.startByte : 0))).toBe(true);
  });

  test("reports that the server states that it accepts ranges", async () => {
    await using server = await startByteServer((_request, response) => {
      response.writeHead(200, { "content-length": file.length, "accept-ranges": "bytes" }).end(file);
    });
    const stream = openTransfer({ uri: server.url() }, quick);
    expect((await stream.opened).acceptsRanges).toBe(true);
    stream.destroy();
    await server.idle();
  });

  test("resolves with the length of an empty file, and of one that was complete already", async () => {
    await using server = await startByteServer((request, response) => serveBytes(Buffer.alloc(0), request, response));
    const stream = openTransfer({ uri: server.url() }, quick);
    expect((await stream.opened).totalBytes).toBe(0);
    expect(await buffer(stream)).toHaveLength(0);
    const done = openTransfer({ uri: server.url() }, { ...quick, startByte: 4, expect: { sizeBytes: 4 } });
    expect((await done.opened).totalBytes).toBe(4);
    expect(await buffer(done)).toHaveLength(0);
  });

  test("buffers no more than highWaterMark and the socket's data for a consumer that does not read", async () => {
    const large = Buffer.alloc(50_000_000);
    await using server = await startByteServer((request, response) => serveBytes(large, request, response));
    const stream = openTransfer({ uri: server.url() }, { ...quick, highWaterMark: 65_536 });
    await stream.opened;
    await expect.poll(() => stream.readableLength).toBeGreaterThan(65_535);
    expect(stream.readableLength).toBeLessThan(400_000);
    expect(stream.consumedBytes).toBe(0);
    expect((await buffer(stream)).length).toBe(large.length);
  });

  test("rejects where opening fails; nothing ends the process, and a later reader gets the same error", async () => {
    await using server = await startFaultyServer(file, always({ kind: "status", status: 404 }));
    const stream = openTransfer({ uri: server.url() }, quick);
    const error: unknown = await stream.opened.catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "TRANSFER", status: 404 });
    await server.idle();
    expect((await readAll(stream)).error).toBe(error);
    await expect(stream.opened).rejects.toBe(error);
  });

  test("rejects where the stream is destroyed, or aborted, before", async () => {
    await using server = await startByteServer(() => {});
    const destroyed = openTransfer({ uri: server.url() }, quick);
    const first = destroyed.opened;
    destroyed.destroy();
    await expect(first).rejects.toThrow("The stream was destroyed");
    const stop = new AbortController();
    const aborted = openTransfer({ uri: server.url() }, { ...quick, signal: stop.signal });
    const second = aborted.opened;
    const reason = new Error("enough");
    stop.abort(reason);
    await expect(second).rejects.toBe(reason);
    await server.idle();
    expect((await readAll(aborted)).error).toBe(reason);
  });

  test("does not cause an unhandled rejection", async () => {
    await using server = await startFaultyServer(file, always({ kind: "status", status: 404 }));
    const seen = await readAll(openTransfer({ uri: server.url() }, quick));
    expect(seen.error).toMatchObject({ status: 404 });
  });
});

test("TransferStream counts read bytes as consumedBytes and arrived bytes as receivedBytes", async () => {
  await using server = await startByteServer((request, response) => serveBytes(file, request, response));
  const stream = openTransfer({ uri: server.url() }, { ...quick, startByte: 1_000 });
  expect(stream.consumedBytes).toBe(1_000);
  await once(stream, "readable");
  expect(stream.receivedBytes).toBeGreaterThan(1_000);
  expect(stream.consumedBytes).toBe(1_000);
  stream.read(500);
  expect(stream.consumedBytes).toBe(1_500);
  let read = 500;
  for await (const chunk of stream) {
    read += (chunk as Buffer).length;
    expect(stream.consumedBytes).toBe(1_000 + read);
  }
  expect(stream.consumedBytes).toBe(file.length);
});
