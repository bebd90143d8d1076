import { EventEmitter, once } from "node:events";
import { createServer, get } from "node:http";
import type { IncomingMessage, RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough, Readable, Writable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { finished, pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { createClient, passwordAuth, SessionLostError } from "@carrel/core";
import type { CarrelClient } from "@carrel/core";
import { openSockets } from "@carrel/test-kit";
import { describe, expect, test } from "vitest";
import { openItemFile } from "../../src/index.ts";
import type { FileStreamOptions, TransferStream } from "../../src/index.ts";
import { openDesk } from "../download/desk.ts";
import type { Desk, DeskOptions } from "../download/desk.ts";
import { readAll } from "../support/read-all.ts";

const name = "d.iso";
const sizeBytes = 3_000_000;
const quick = { proxy: false, resumeDelayMs: 1 } as const;

function openOne(options: Partial<DeskOptions> = {}): Promise<Desk> {
  return openDesk({ files: [{ name, sizeBytes }], ...options });
}

function open(desk: Desk, options: FileStreamOptions = {}): Promise<TransferStream> {
  return openItemFile(desk.client, desk.item.id, name, { ...quick, ...options });
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

/** No download session is left, although the client is still open. */
function expectNoSession({ simulator }: Desk): void {
  expect(simulator.downloadSessions).toEqual([]);
}

/** Waits until the stream has closed, with an error or without. */
function untilClosed(stream: TransferStream): Promise<void> {
  return finished(stream).catch(() => {});
}

/** An HTTP server whose handler is under test. */
async function serve(handler: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(handler);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

describe("openItemFile reads the file, verified, and ends its session before the stream closes", () => {
  test.for<readonly [string, (stream: TransferStream) => Promise<Buffer>]>([
    [
      "pipeline",
      async (stream) => {
        const chunks: Buffer[] = [];
        const sink = new Writable({ write: (chunk: Buffer, _encoding, done) => done(void chunks.push(chunk)) });
        await pipeline(stream, sink);
        return Buffer.concat(chunks);
      },
    ],
    [
      "pipeline through gzip",
      async (stream) => {
        const out = new PassThrough();
        const [, bytes] = await Promise.all([
          pipeline(stream, createGzip({ level: 1 }), createGunzip(), out),
          buffer(out),
        ]);
        await untilClosed(stream);
        return bytes;
      },
    ],
    [
      "for await",
      async (stream) => {
        const chunks: Buffer[] = [];
        for await (const chunk of stream) chunks.push(chunk as Buffer);
        return Buffer.concat(chunks);
      },
    ],
    ["a consumer of node:stream/consumers", (stream) => buffer(stream)],
    [
      "a web stream in a Response",
      async (stream) => Buffer.from(await new Response(Readable.toWeb(stream) as ReadableStream).arrayBuffer()),
    ],
  ])("by %s", async ([, read]) => {
    await using desk = await openOne();
    const stream = await open(desk);
    const bytes = await read(stream);
    expectNoSession(desk);
    expect(bytes.equals(Buffer.from(await desk.item.file(name).bytes()))).toBe(true);
    expect(stream.facts).toMatchObject({ verifiedBy: "checksum", sizeBytes });
  });

  test("with a pool and a prefix of its own, and several connections", async () => {
    await using desk = await openOne();
    const all = Buffer.from(await desk.item.file(name).bytes());
    const prefix = (): AsyncIterable<Uint8Array> => Readable.from([all.subarray(0, 1000)]);
    const stream = await open(desk, { startByte: 1000, prefix, connectionsPerFile: 3 });
    expect((await buffer(stream)).equals(all.subarray(1000))).toBe(true);
    expect(stream.facts).toMatchObject({ verifiedBy: "checksum" });
    expectNoSession(desk);
  });
});

describe("openItemFile ends the session before the stream closes, whatever closes it:", () => {
  const endings: Readonly<Record<string, (stream: TransferStream, stop: AbortController) => Promise<unknown>>> = {
    "destroyed before it was read": async (stream) => {
      stream.destroy();
      await once(stream, "close");
    },
    "destroyed with an error before it was read": async (stream) => {
      const failed = once(stream, "error");
      stream.destroy(new Error("enough"));
      await failed;
    },
    "destroyed in the middle": async (stream) => {
      await once(stream, "data");
      stream.destroy();
      await once(stream, "close");
    },
    "destroyed while it waits for its first bytes": async (stream) => {
      const opened = stream.opened.catch(() => {});
      stream.destroy();
      await opened;
      await untilClosed(stream);
    },
    "left by a loop": async (stream) => {
      for await (const chunk of stream) if ((chunk as Buffer).length > 0) break;
      await untilClosed(stream);
    },
    "aborted in the middle": async (stream, stop) => {
      const seen = readAll(stream);
      await once(stream, "data");
      stop.abort(new Error("enough"));
      expect((await seen).error).toBe(stop.signal.reason);
    },
    "aborted under back-pressure": async (stream, stop) => {
      const failed = once(stream, "error");
      await once(stream, "readable");
      stop.abort(new Error("enough"));
      await failed;
    },
    "given a writer that fails": async (stream) => {
      const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error("disk full")) });
      await expect(pipeline(stream, broken)).rejects.toThrow("disk full");
      await untilClosed(stream);
    },
    "a web stream that is cancelled": async (stream) => {
      const web = Readable.toWeb(stream);
      const reader = web.getReader();
      await reader.read();
      await reader.cancel();
      await untilClosed(stream);
    },
    "the body of a Response that is cancelled unread": async (stream) => {
      await new Response(Readable.toWeb(stream) as ReadableStream).body?.cancel();
      await untilClosed(stream);
    },
  };
  test.for(Object.keys(endings))("%s", async (ending) => {
    await using desk = await openOne();
    const stop = new AbortController();
    const stream = await open(desk, { signal: stop.signal, maxBytesPerSecond: 2_000_000 });
    expect(desk.simulator.openSessions).toHaveLength(1);
    await endings[ending]?.(stream, stop);
    expectNoSession(desk);
  });

  test("openItemFile releases its session when it is aborted before it is read, and fails when it is read", async () => {
    await using desk = await openOne();
    const stop = new AbortController();
    const stream = await open(desk, { signal: stop.signal });
    const reason = new Error("enough");
    stop.abort(reason);
    await expect.poll(() => desk.simulator.downloadSessions).toEqual([]);
    expect((await readAll(stream)).error).toBe(reason);
  });

  test("openItemFile leaves nothing after a failure to open: no such item, no such file, not prepared, aborted", async () => {
    await using desk = await openDesk({
      files: [
        { name, sizeBytes },
        { name: "bad.iso", sizeBytes },
      ],
      faults: [{ on: "downloadSession.file.prepare", file: "bad.iso", kind: "prepareError", times: "always" }],
    });
    const { client, item } = desk;
    const failure = (itemId: string, fileName: string, options: FileStreamOptions = quick): Promise<unknown> =>
      openItemFile(client, itemId, fileName, options).catch((error: unknown) => error);
    expect(await failure("no-such-item", name)).toMatchObject({ code: "NOT_FOUND" });
    const unknown = await failure(item.id, "nope.iso");
    expect(unknown).toMatchObject({ code: "TRANSFER", problem: "no-match", retryable: false });
    expect(String(unknown)).toContain('The item has no file "nope.iso": it has "d.iso", "bad.iso"');
    expect(await failure(item.id, "bad.iso")).toMatchObject({ code: "PREPARE_FAILED" });
    const stop = new AbortController();
    const aborted = failure(item.id, name, { ...quick, signal: stop.signal });
    const reason = new Error("enough");
    stop.abort(reason);
    expect(await aborted).toBe(reason);
    await expect.poll(() => desk.simulator.downloadSessions).toEqual([]);
  });

  test("openItemFile reports a session that cannot be ended as an event of the client, not as an error", async () => {
    await using desk = await openOne();
    const leftOpen: string[] = [];
    desk.client.onDiagnostic((event) => event.type === "left-open" && leftOpen.push(event.sessionId));
    const stream = await open(desk);
    const [session = ""] = desk.simulator.openSessions;
    desk.simulator.faults.add({ on: "downloadSession.delete", kind: "status", status: 500 });
    await pipeline(stream, nowhere());
    expect(leftOpen).toEqual([session]);
    await desk.client.downloadSession.delete(session);
  });
});

describe("openItemFile, when its session is lost", () => {
  test("replaces it, and resumes where the bytes stopped", async () => {
    await using desk = await openOne();
    desk.simulator.faults.add({ on: "transfer", kind: "expireSession", atByte: 1_000_000 });
    const stream = await open(desk);
    const bytes = await buffer(stream);
    expect(bytes.equals(Buffer.from(await desk.item.file(name).bytes()))).toBe(true);
    const created = desk.simulator.journal.filter(({ operation }) => operation === "downloadSession.create");
    expect(created).toHaveLength(2);
    expectNoSession(desk);
  });

  test("does not replace it by one on other content", async () => {
    await using desk = await openOne();
    const stream = await open(desk, { maxBytesPerSecond: 2_000_000 });
    const seen = readAll(stream);
    await once(stream, "data");
    desk.item.putFile({ name, sizeBytes, seed: 2 });
    const [session = ""] = desk.simulator.openSessions;
    await desk.client.downloadSession.delete(session);
    expect((await seen).error).toMatchObject({ code: "INTEGRITY" });
    expectNoSession(desk);
  });

  test("because the client was closed before anything was read, fails without a retry", async () => {
    await using desk = await openOne();
    const client: CarrelClient = createClient({
      endpoint: desk.simulator.url,
      auth: passwordAuth(desk.simulator.credentials),
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        if (desk.simulator.openSessions.length > 0) void client.close();
        return response;
      },
    });
    const error = await openItemFile(client, desk.item.id, name, quick).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "SESSION_LOST", problem: "closed", retryable: false });
    await client.close();
    expectNoSession(desk);
  });

  test("because the client was closed, fails without a retry", async () => {
    await using desk = await openOne();
    const client = desk.connect();
    const stream = await openItemFile(client, desk.item.id, name, { ...quick, maxBytesPerSecond: 2_000_000 });
    const seen = readAll(stream);
    await once(stream, "data");
    await client[Symbol.asyncDispose]();
    const { error } = await seen;
    expect(error).toBeInstanceOf(SessionLostError);
    expect(error).toMatchObject({ problem: "closed", retryable: false });
    expectNoSession(desk);
  });
});

describe("openItemFile in an HTTP handler", () => {
  test("responds with the stream, with its length known before the first byte", async () => {
    await using desk = await openOne();
    await using site = await serve(async (_request, response) => {
      const stream = await open(desk);
      const { totalBytes } = await stream.opened;
      response.writeHead(200, { "content-length": totalBytes });
      await pipeline(stream, response).catch(() => {});
    });
    const answer = await fetch(site.url);
    expect(answer.headers.get("content-length")).toBe(String(sizeBytes));
    expect((await answer.arrayBuffer()).byteLength).toBe(sizeBytes);
    await expect.poll(() => desk.simulator.downloadSessions).toEqual([]);
  });

  test("ends the session when the client leaves", async () => {
    await using desk = await openOne();
    const closed = Promise.withResolvers<void>();
    await using site = await serve(async (_request, response) => {
      const stream = await open(desk, { maxBytesPerSecond: 1_000_000 });
      stream.once("close", closed.resolve);
      await pipeline(stream, response).catch(() => {});
    });
    const request = get(site.url).on("error", () => {});
    const [answer] = (await once(request, "response")) as [IncomingMessage];
    answer.on("error", () => {});
    await once(answer, "data");
    request.destroy();
    await closed.promise;
    expectNoSession(desk);
  });

  test("never completes a response with bytes that are not the file's", async () => {
    await using desk = await openOne();
    desk.simulator.faults.add({ on: "transfer", kind: "corrupt", atByte: 2_000_000 });
    await using site = await serve(async (_request, response) => {
      const stream = await open(desk);
      // A client counts these bytes, and would consider the response complete with the last of them.
      response.setHeader("content-length", (await stream.opened).totalBytes ?? 0);
      await pipeline(stream, response).catch(() => {});
    });
    const answer = await fetch(site.url);
    await expect(answer.arrayBuffer()).rejects.toBeInstanceOf(Error);
    await expect.poll(() => desk.simulator.downloadSessions).toEqual([]);
  });
});

test("openItemFile gives an upload by fetch its length, and breaks it off where the file is not whole", async () => {
  await using desk = await openOne();
  const uploads: { readonly length: string | undefined; readonly bytes: number; readonly isComplete: boolean }[] = [];
  const received = new EventEmitter();
  await using store = await serve(async (request, response) => {
    let bytes = 0;
    request.on("data", (chunk: Buffer) => (bytes += chunk.length)).on("error", () => {});
    await finished(request).catch(() => {});
    uploads.push({ length: request.headers["content-length"], bytes, isComplete: request.complete });
    response.end();
    received.emit("upload");
  });
  const upload = async (): Promise<Response> => {
    const stream = await open(desk, { requireVerified: true });
    const { totalBytes } = await stream.opened;
    const body = Readable.toWeb(stream) as ReadableStream;
    const headers = { "content-length": String(totalBytes) };
    return fetch(store.url, { method: "PUT", headers, body, duplex: "half" } as RequestInit);
  };
  expect((await upload()).status).toBe(200);
  desk.simulator.faults.add({ on: "transfer", kind: "corrupt", atByte: 2_000_000 });
  const second = once(received, "upload");
  await expect(upload()).rejects.toBeInstanceOf(Error);
  await second;
  expect(uploads).toMatchObject([
    { length: String(sizeBytes), bytes: sizeBytes, isComplete: true },
    { length: String(sizeBytes), isComplete: false },
  ]);
  expect(uploads[1]?.bytes).toBeLessThan(sizeBytes);
  await expect.poll(() => desk.simulator.downloadSessions).toEqual([]);
});

test.for([
  [{ prepareTimeoutMs: 0 }, RangeError],
  [{ manifest: "skip" as "check" }, TypeError],
  [{ requireVerified: true, endByte: 9 }, TypeError],
  [{ requireVerified: true, startByte: 9 }, TypeError],
  [{ startByte: 9, endByte: 8 }, RangeError],
] as const)("openItemFile rejects invalid options before it creates a session: %j", async ([options, type]) => {
  await using desk = await openOne();
  await expect(open(desk, options)).rejects.toBeInstanceOf(type);
  expect(desk.simulator.journal).toEqual([]);
});

test("openItemFile leaves no socket open", async () => {
  await expect.poll(openSockets).toEqual([]);
});
