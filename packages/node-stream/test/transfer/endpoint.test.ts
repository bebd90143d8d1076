import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { IntegrityError, SessionLostError, TransferError } from "@carrel/core";
import { describe, expect, test } from "vitest";
import { openTransfer } from "../../src/index.ts";
import type { EndpointRequest, LeasedEndpoint } from "../../src/index.ts";
import { rangeOf, serveBytes, startByteServer } from "../support/byte-server.ts";
import { always, startFaultyServer } from "../support/faulty-server.ts";
import { readAll } from "../support/read-all.ts";

const file = randomBytes(700_000);
const quick = { proxy: false, resumeDelayMs: 1 } as const;

describe("openTransfer, with a function as the source,", () => {
  test("calls it once, and again when the transfer URL is refused, with the offset", async () => {
    for (const status of [401, 403, 404, 410]) {
      await using server = await startFaultyServer(file, [
        { kind: "reset", atByte: 300_000 },
        { kind: "status", status },
      ]);
      const asked: EndpointRequest[] = [];
      const stream = openTransfer((request) => {
        asked.push(request);
        return Promise.resolve({ uri: server.url(`/cls/data/${asked.length}/disk.iso`) });
      }, quick);
      expect((await readAll(stream)).bytes.equals(file)).toBe(true);
      expect(asked.map(({ fromByte, cause }) => [fromByte === 0, cause?.code])).toEqual([
        [true, undefined],
        [false, "TRANSFER"],
      ]);
      expect(asked[1]?.cause).toMatchObject({ status });
      expect(server.requests.map(({ url }) => url)).toEqual([
        "/cls/data/1/disk.iso",
        "/cls/data/1/disk.iso",
        "/cls/data/2/disk.iso",
      ]);
      expect(stream.fetchedBytes).toBe(file.length);
    }
  });

  test("does not call it forever", async () => {
    await using server = await startFaultyServer(file, always({ kind: "status", status: 404 }));
    let asked = 0;
    const source = (): Promise<{ uri: string }> => {
      asked += 1;
      return Promise.resolve({ uri: server.url() });
    };
    const seen = await readAll(openTransfer(source, { ...quick, resumeLimit: 3 }));
    expect(seen.error).toMatchObject({ code: "TRANSFER", status: 404 });
    expect(asked).toBe(4);
  });

  test("fails with what it throws", async () => {
    const lost = new SessionLostError("The session is over.");
    await expect(buffer(openTransfer(() => Promise.reject(lost), quick))).rejects.toBe(lost);
  });

  test("aborts its signal when the stream is destroyed", async () => {
    const asked = Promise.withResolvers<AbortSignal>();
    const stream = openTransfer(({ signal }) => {
      asked.resolve(signal);
      return new Promise(() => {});
    }, quick);
    stream.on("error", () => {}).resume();
    const signal = await asked.promise;
    const reason = new Error("enough");
    stream.destroy(reason);
    expect(signal.reason).toBe(reason);
  });

  test("resumes under another session only with the same content version", async () => {
    for (const versions of [
      ["1", "1"],
      ["1", "2"],
      [undefined, "2"],
    ] as const) {
      await using server = await startFaultyServer(file, [
        { kind: "reset", atByte: 300_000 },
        { kind: "status", status: 404 },
      ]);
      let asked = 0;
      const source = (): Promise<LeasedEndpoint> => {
        const contentVersion = versions[asked];
        asked += 1;
        const endpoint = { uri: server.url() };
        return Promise.resolve(contentVersion === undefined ? { endpoint } : { endpoint, contentVersion });
      };
      const seen = await readAll(openTransfer(source, quick));
      expect(seen.isEnded).toBe(versions[1] === "1" || versions[0] === undefined);
      if (seen.isEnded) continue;
      expect(seen.error).toBeInstanceOf(IntegrityError);
      expect(String(seen.error)).toContain("content version was 1 and is now 2");
    }
  });

  test("calls it again when the lease is lost in mid-transfer", async () => {
    await using server = await startByteServer((request, response, index) => {
      if (index > 0) return serveBytes(file, request, response);
      response.writeHead(200, { "content-length": file.length, etag: '"v1"' }).write(file.subarray(0, 300_000));
    });
    const lease = new AbortController();
    const lost = new SessionLostError("The session is over.");
    const causes: unknown[] = [];
    const source = (request: EndpointRequest): Promise<LeasedEndpoint> => {
      causes.push(request.cause);
      const endpoint = { uri: server.url() };
      return Promise.resolve(causes.length === 1 ? { endpoint, signal: lease.signal } : { endpoint });
    };
    const stream = openTransfer(source, quick);
    stream.on("data", () => {
      if (stream.receivedBytes === 300_000) lease.abort(lost);
    });
    expect((await readAll(stream)).bytes.equals(file)).toBe(true);
    expect(causes).toEqual([undefined, lost]);
    expect(stream.fetchedBytes).toBe(file.length);
  });
});

describe("openTransfer, with an endpoint as the source,", () => {
  test("fails at once where it is refused", async () => {
    await using server = await startFaultyServer(file, [{ kind: "status", status: 404 }]);
    const seen = await readAll(openTransfer({ uri: server.url() }, quick));
    expect(seen.error).toMatchObject({ code: "TRANSFER", status: 404 });
    expect(server.requests).toHaveLength(1);
  });

  test.for([
    [
      "ds:///vmfs/volumes/5f3a/contentlib/disk.vmdk",
      /it is a DIRECT location \(ds:\/\/\) on a datastore, which only the storage itself can read$/u,
    ],
    ["file:///etc/passwd", /its scheme is file:/u],
    ["nonsense", /not a valid URL/u],
  ] as const)("rejects %s with a clear error", async ([uri, message]) => {
    const { error } = await readAll(openTransfer({ uri }, quick));
    expect(error).toBeInstanceOf(TransferError);
    expect((error as TransferError).retryable).toBe(false);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain("contentlib");
  });
});

describe("openTransfer sends the API session id", () => {
  const header = "vmware-api-session-id";

  function session(origin: string): {
    origin: string;
    rejected: unknown[];
    sessionToken(o?: { rejected?: string }): Promise<string>;
  } {
    const rejected: unknown[] = [];
    return {
      origin,
      rejected,
      sessionToken: (options) => Promise.resolve(`t${rejected.push(options?.rejected)}`),
    };
  }

  test("to the vCenter's own origin", async () => {
    await using server = await startByteServer((request, response) => serveBytes(file, request, response));
    await readAll(openTransfer({ uri: server.url() }, { ...quick, session: session(server.origin) }));
    expect(server.requests.map(({ headers }) => headers[header])).toEqual(["t1"]);
  });

  test("and nowhere else: not to another port or another name", async () => {
    await using server = await startByteServer((request, response) => serveBytes(file, request, response));
    for (const origin of [
      "http://127.0.0.1:1",
      `http://localhost:${server.port}`,
      `https://127.0.0.1:${server.port}`,
    ]) {
      const one = session(origin);
      await readAll(openTransfer({ uri: server.url() }, { ...quick, session: one }));
      expect(one.rejected).toEqual([]);
    }
    for (const { headers } of server.requests) expect(headers).not.toHaveProperty(header);
  });

  test("renewed once after a 401, in mid-transfer as well", async () => {
    await using server = await startByteServer((request, response, index) => {
      if (index === 1) response.writeHead(401).end();
      else if (index === 0) {
        response.writeHead(200, { "content-length": file.length, etag: '"v1"' });
        response.write(file.subarray(0, 300_000), () => response.destroy());
      } else serveBytes(file, request, response);
    });
    const one = session(server.origin);
    const seen = await readAll(openTransfer({ uri: server.url() }, { ...quick, session: one }));
    expect(seen.bytes.equals(file)).toBe(true);
    expect(one.rejected).toEqual([undefined, undefined, "t2"]);
    expect(server.requests.map(({ headers }) => headers[header])).toEqual(["t1", "t2", "t3"]);
    expect(server.requests[2]?.headers.range).toBe("bytes=300000-");
  });

  test("never after a redirect, and does not follow redirects to another origin at all", async () => {
    await using elsewhere = await startByteServer((request, response) => serveBytes(file, request, response));
    await using server = await startByteServer((request, response) => {
      if (request.url === "/here") response.writeHead(302, { location: "/there" }).end();
      else if (request.url === "/away") response.writeHead(307, { location: elsewhere.url("/x") }).end();
      else if (request.url === "/round") response.writeHead(302, { location: "/round" }).end();
      else serveBytes(file, request, response);
    });
    const read = (path: string): ReturnType<typeof readAll> =>
      readAll(openTransfer({ uri: server.url(path) }, { ...quick, session: session(server.origin) }));
    expect((await read("/here")).bytes.equals(file)).toBe(true);
    expect(server.requests.map(({ url, headers }) => [url, headers[header]])).toEqual([
      ["/here", "t1"],
      ["/there", undefined],
    ]);
    const { error } = await read("/away");
    expect(error).toMatchObject({ code: "TRANSFER", status: 307, retryable: false });
    expect((error as Error).message).toContain(elsewhere.origin);
    expect(elsewhere.requests).toHaveLength(0);
    expect((await read("/round")).error).toMatchObject({ message: expect.stringContaining("more than 5 times") });
  });
});

describe("openTransfer, with stallTimeoutMs,", () => {
  test("interrupts a silent server, before the response and in the body", async () => {
    await using server = await startByteServer((request, response, index) => {
      if (index === 0) return;
      if (index > 1) return serveBytes(file, request, response);
      response.writeHead(200, { "content-length": file.length, etag: '"v1"' }).write(file.subarray(0, 300_000));
    });
    const causes: string[] = [];
    const onResume = ({ cause }: { cause: Error }): number => causes.push(cause.message);
    const stream = openTransfer({ uri: server.url() }, { ...quick, stallTimeoutMs: 64, onResume });
    expect((await readAll(stream)).bytes.equals(file)).toBe(true);
    expect(causes).toEqual(Array(2).fill("The server sent no data of the file for 64 ms"));
  });

  test("never counts a slow consumer or a blocked process", async () => {
    await using server = await startByteServer((request, response) => serveBytes(file, request, response));
    const stream = openTransfer({ uri: server.url() }, { ...quick, stallTimeoutMs: 40, highWaterMark: 65_536 });
    let pauses = 0;
    const chunks: Buffer[] = [];
    for await (const chunk of stream) {
      chunks.push(chunk as Buffer);
      if (pauses++ % 8 === 0) await new Promise((resolve) => setTimeout(resolve, 100));
      if (pauses === 5) for (const until = performance.now() + 150; performance.now() < until;);
    }
    expect(Buffer.concat(chunks).equals(file)).toBe(true);
    expect(stream.facts?.resumes).toBe(0);
    expect(server.requests).toHaveLength(1);
  });
});

describe("openTransfer, over several connections,", () => {
  const big = randomBytes(6_000_000);
  const four = { ...quick, connectionsPerFile: 4 };

  test("fetches each byte once, on condition that the file is the same", async () => {
    await using server = await startByteServer((request, response) => serveBytes(big, request, response));
    const stream = openTransfer({ uri: server.url() }, four);
    expect((await readAll(stream)).bytes.equals(big)).toBe(true);
    expect(stream.fetchedBytes).toBe(big.length);
    expect(server.connections).toBe(4);
    expect(server.requests.length).toBeGreaterThan(8);
    for (const { headers } of server.requests.slice(1)) expect(headers["if-range"]).toBe('"v1"');
  });

  test("opens no more of them than there are parts to fetch", async () => {
    await using server = await startByteServer((request, response) => serveBytes(big, request, response));
    const options = { ...quick, connectionsPerFile: Number.MAX_SAFE_INTEGER };
    expect((await readAll(openTransfer({ uri: server.url() }, options))).bytes.equals(big)).toBe(true);
    expect(server.connections).toBeLessThanOrEqual(Math.ceil(big.length / 65_536));
  });

  test.for([
    ["the server ignores ranges", { etag: '"v1"', ranges: false }],
    ["the server tells nothing to know the file by", { etag: undefined, ranges: true }],
  ] as const)("uses only one where %s", async ([, { etag, ranges }]) => {
    await using server = await startByteServer((request, response) => {
      const range = ranges ? rangeOf(request, big.length, etag) : undefined;
      if (range === undefined || typeof range === "string") {
        response.end(big);
        return;
      }
      const { first, last } = range;
      response
        .writeHead(206, { "content-range": `bytes ${first}-${last}/${big.length}` })
        .end(big.subarray(first, last + 1));
    });
    expect((await readAll(openTransfer({ uri: server.url() }, four))).bytes.equals(big)).toBe(true);
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  test.for([
    ["too long", 1, 1],
    ["too short once", -1, 1],
    ["too short always", -1, Infinity],
  ] as const)("fetches a part again, or fails, where it is %s", async ([what, byBytes, times]) => {
    await using server = await startByteServer((request, response, index) => {
      const range = rangeOf(request, big.length, '"v1"');
      if (index < 3 || index >= 3 + times || range === undefined || typeof range === "string") {
        serveBytes(big, request, response);
        return;
      }
      const { first, last } = range;
      response.writeHead(206, { etag: '"v1"', "content-range": `bytes ${first}-${last}/${big.length}` });
      response.end(
        byBytes > 0 ? Buffer.concat([big.subarray(first, last + 1), Buffer.alloc(byBytes)]) : Buffer.alloc(0),
      );
    });
    const seen = await readAll(openTransfer({ uri: server.url() }, four));
    if (what === "too short once") expect(seen.bytes.equals(big)).toBe(true);
    else expect(seen.error).toBeInstanceOf(IntegrityError);
  });

  test("returns to one where the server stops honouring ranges", async () => {
    await using server = await startByteServer((request, response, index) => {
      if (index === 5) request.headers.range = "";
      serveBytes(big, request, response);
    });
    const stream = openTransfer({ uri: server.url() }, four);
    const seen = await readAll(stream);
    expect(seen.error).toBeUndefined();
    expect(seen.bytes.equals(big)).toBe(true);
  });

  test("uses fewer where the server is busy", async () => {
    let active = 0;
    await using server = await startByteServer((request, response) => {
      if (active >= 2) {
        response.writeHead(503).end();
        return;
      }
      active += 1;
      response.on("close", () => (active -= 1));
      setTimeout(() => serveBytes(big, request, response), 5);
    });
    const seen = await readAll(openTransfer({ uri: server.url() }, { ...four, resumeLimit: 1 }));
    expect(seen.error).toBeUndefined();
    expect(seen.bytes.equals(big)).toBe(true);
    expect(server.requests.length).toBeLessThan(40);
  });

  test("renews the endpoint once for all of them when the transfer URL is refused", async () => {
    await using server = await startByteServer((request, response) => {
      if (request.url === "/1" && server.requests.length > 4) response.writeHead(404).end();
      else serveBytes(big, request, response);
    });
    let asked = 0;
    const source = (): Promise<{ uri: string }> => Promise.resolve({ uri: server.url(`/${(asked += 1)}`) });
    expect((await readAll(openTransfer(source, four))).bytes.equals(big)).toBe(true);
    expect(asked).toBe(2);
  });

  test("buffers a bounded part of the file for a consumer that has stopped", async () => {
    const large = Buffer.alloc(100_000_000);
    await using server = await startByteServer((request, response) => serveBytes(large, request, response));
    const stream = openTransfer({ uri: server.url() }, four);
    stream.on("data", () => {
      if (stream.receivedBytes > 20_000) stream.pause();
    });
    await expect.poll(() => stream.fetchedBytes).toBeGreaterThan(3_000_000);
    let before = -1;
    await expect
      .poll(
        () => {
          const isStill = before === stream.fetchedBytes;
          before = stream.fetchedBytes;
          return isStill;
        },
        { interval: 100 },
      )
      .toBe(true);
    expect(stream.fetchedBytes).toBeLessThan(34_000_000);
    stream.destroy();
    await server.idle();
  });

  test("closes all of them at once when the stream is destroyed", async () => {
    await using server = await startByteServer((request, response) => serveBytes(big, request, response));
    const stream = openTransfer({ uri: server.url() }, { ...four, maxBytesPerSecond: 4_000_000 });
    stream.resume();
    await expect.poll(() => server.sockets.size).toBe(4);
    stream.destroy();
    await server.idle();
  });
});
