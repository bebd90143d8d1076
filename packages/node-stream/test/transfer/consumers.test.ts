import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { EventEmitter } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable, Writable } from "node:stream";
import { arrayBuffer, buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { createGunzip, createGzip } from "node:zlib";
import { sha256 } from "@carrel/test-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTransfer } from "../../src/index.ts";
import type { TransferOptions, TransferStream } from "../../src/index.ts";
import { serveBytes, startByteServer } from "../support/byte-server.ts";
import type { ByteServer } from "../support/byte-server.ts";

const file = randomBytes(4_000_000);
const checksum = { algorithm: "SHA256", checksum: sha256(file) } as const;
let server: ByteServer;
let folder: string;

beforeAll(async () => {
  server = await startByteServer((request, response) => serveBytes(file, request, response));
  folder = await mkdtemp(join(tmpdir(), "carrel-"));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function closed(emitter: EventEmitter | undefined): Promise<unknown> {
  return new Promise((resolve) => {
    emitter?.once("close", resolve);
  });
}

function open(options: TransferOptions = {}): TransferStream {
  return openTransfer({ uri: server.url() }, { proxy: false, expect: { checksum }, ...options });
}

describe("openTransfer returns a Readable that", () => {
  test("pipeline writes to a file", async () => {
    const path = join(folder, "disk");
    const stream = open();
    await pipeline(stream, createWriteStream(path));
    expect((await buffer(createReadStream(path))).equals(file)).toBe(true);
    expect(stream.facts).toMatchObject({ sizeBytes: file.length, verifiedBy: "checksum", checksum, resumes: 0 });
    await server.idle();
  });

  test("pipeline sends through gzip and back", async () => {
    const out = new PassThrough();
    const [, bytes] = await Promise.all([pipeline(open(), createGzip({ level: 1 }), createGunzip(), out), buffer(out)]);
    expect(bytes.equals(file)).toBe(true);
  });

  test("slows the server down to a slow writer", async () => {
    let most = 0;
    const stream = open({ highWaterMark: 65_536 });
    const slow = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _encoding, done) {
        most = Math.max(most, stream.readableLength);
        setTimeout(done, chunk.length / 40_000);
      },
    });
    await pipeline(stream, slow);
    expect(most).toBeLessThanOrEqual(65_536 * 2);
    expect(stream.receivedBytes).toBe(file.length);
  });

  test("closes the socket when a reader stops half-way", async () => {
    let seen = 0;
    const stream = open();
    for await (const chunk of stream) {
      seen += (chunk as Buffer).length;
      if (seen > 1_000_000) break;
    }
    expect(stream.destroyed).toBe(true);
    expect(stream.facts).toBeUndefined();
    await server.idle();
  });

  test("closes the socket when a writer fails half-way", async () => {
    const failure = new Error("disk full");
    let seen = 0;
    const failing = new Writable({
      write(chunk: Buffer, _encoding, done) {
        seen += chunk.length;
        done(seen > 1_000_000 ? failure : null);
      },
    });
    await expect(pipeline(open(), failing)).rejects.toBe(failure);
    await server.idle();
  });

  test("works with for await, Readable.toWeb and stream/consumers", async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of open()) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).equals(file)).toBe(true);
    const web = Readable.toWeb(open()) as unknown as ReadableStream<Uint8Array>;
    expect(Buffer.from(await new Response(web).arrayBuffer()).equals(file)).toBe(true);
    expect(Buffer.from(await arrayBuffer(open())).equals(file)).toBe(true);
    const cancelled = Readable.toWeb(open()) as unknown as ReadableStream<Uint8Array>;
    const reader = cancelled.getReader();
    await reader.read();
    await reader.cancel();
    await server.idle();
  });

  test("can be paused and resumed by hand", async () => {
    const stream = open();
    const seen: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => {
      seen.push(chunk);
      stream.pause();
      setImmediate(() => stream.resume());
    });
    await once(stream, "end");
    expect(Buffer.concat(seen).equals(file)).toBe(true);
  });

  test("requests nothing before it is read", async () => {
    const before = server.requests.length;
    const stream = open();
    await delay(20);
    expect(server.requests).toHaveLength(before);
    stream.destroy();
    await once(stream, "close");
  });
});

describe("openTransfer, ended early,", () => {
  test("fails with the signal's reason, unwrapped, after an abort", async () => {
    const reason = new Error("enough");
    const stop = new AbortController();
    const stream = open({ signal: stop.signal });
    stream.once("data", () => stop.abort(reason));
    await expect(buffer(stream)).rejects.toBe(reason);
    await server.idle();
    await expect(buffer(open({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    await expect(buffer(open({ signal: AbortSignal.abort("word") }))).rejects.toBe("word");
    await expect(buffer(open({ signal: AbortSignal.abort() }))).rejects.toMatchObject({ name: "AbortError" });
    await expect(buffer(open({ signal: AbortSignal.timeout(0) }))).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("closes the socket at once when destroyed", async () => {
    const stream = open();
    await once(stream, "readable");
    const [socket] = server.sockets;
    stream.destroy();
    await Promise.all([closed(stream), closed(socket)]);
    expect(server.sockets.size).toBe(0);
  });

  test("does so while it is connecting or waiting for the response", async () => {
    await using silent = await startByteServer(() => {});
    const stream = openTransfer({ uri: silent.url() }, { proxy: false });
    stream.on("error", () => {}).resume();
    stream.destroy();
    await once(stream, "close");
    const waiting = openTransfer({ uri: silent.url() }, { proxy: false });
    waiting.on("error", () => {}).resume();
    await once(silent.server, "request");
    waiting.destroy(new Error("enough"));
    await closed(waiting);
    await silent.idle();
  });

  test("does so while it is waiting for the checksum or for the next attempt", async () => {
    const reason = new Error("enough");
    const ask = (): Promise<never> => {
      setImmediate(() => late.destroy(reason));
      return new Promise(() => {});
    };
    const late = open({ expect: { checksum: ask } }).resume();
    await expect(once(late, "close")).rejects.toBe(reason);
    await using refusing = await startByteServer((_request, response) =>
      response.writeHead(503, { "retry-after": "15" }).end(),
    );
    const stop = new AbortController();
    const options = { proxy: false, signal: stop.signal, onResume: () => stop.abort(reason) } as const;
    await expect(buffer(openTransfer({ uri: refusing.url() }, options))).rejects.toBe(reason);
  });
});

test("openTransfer rejects invalid options at once", () => {
  const endpoint = { uri: server.url() };
  expect(() => openTransfer(endpoint, { startByte: -1 })).toThrow(RangeError);
  expect(() => openTransfer(endpoint, { resumeLimit: 1.5 })).toThrow(RangeError);
  expect(() => openTransfer(endpoint, { stallTimeoutMs: 0 })).toThrow(RangeError);
  // A timer that is given more fires at once.
  const tooLong = "stallTimeoutMs must be a whole number from 1 to 2147483647: got 2147483648";
  expect(() => openTransfer(endpoint, { stallTimeoutMs: 2 ** 31 })).toThrow(tooLong);
  expect(() => openTransfer(endpoint, { maxBytesPerSecond: 0 })).toThrow(RangeError);
  expect(() => openTransfer(endpoint, { startByte: 10, expect: { sizeBytes: 9 } })).toThrow(RangeError);
  expect(() => openTransfer(endpoint, { startByte: 10, expect: { checksum } })).toThrow(
    /requires the whole file: startByte is 10, and there is no prefix$/u,
  );
});
