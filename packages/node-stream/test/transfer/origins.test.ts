import { randomBytes } from "node:crypto";
import { TransferError } from "@carrel/core";
import { describe, expect, test } from "vitest";
import { ConnectionPool, openTransfer } from "../../src/index.ts";
import type { TransferOptions, TransferSession, TransferSource } from "../../src/index.ts";
import { serveBytes, startByteServer } from "../support/byte-server.ts";
import { makeCertificate, startConnectProxy } from "@carrel/test-kit";
import { readAll } from "../support/read-all.ts";

const file = randomBytes(50_000);
const quick = { proxy: false, resumeDelayMs: 1, fileName: "disk.vmdk" } as const;

/** A client that is connected to an origin. */
function connectedTo(origin: string): TransferSession & { readonly asked: number } {
  const session = {
    origin,
    asked: 0,
    sessionToken: (): Promise<string> => Promise.resolve(`id-${(session.asked += 1)}`),
  };
  return session;
}

/** A source that counts its calls. */
function counted(uri: string): { readonly source: TransferSource; readonly asked: () => number } {
  let asked = 0;
  const source = async (): Promise<{ uri: string }> => {
    asked += 1;
    return { uri };
  };
  return { source, asked: () => asked };
}

async function failure(source: TransferSource, options: TransferOptions): Promise<TransferError> {
  const { isEnded, error } = await readAll(openTransfer(source, { ...quick, ...options }));
  expect(isEnded).toBe(false);
  if (!(error instanceof TransferError)) throw error;
  return error;
}

describe("openTransfer, from another origin than the client's,", () => {
  test("names both where it requires a session id, and requests it at most twice", async () => {
    await using server = await startByteServer((_request, response) => response.writeHead(401).end());
    const session = connectedTo(`http://localhost:${server.port}`);
    const { source, asked } = counted(server.url());
    const error = await failure(source, { session });
    expect(error).toMatchObject({
      problem: "refused",
      status: 401,
      retryable: false,
      origin: server.origin,
      clientOrigin: session.origin,
    });
    expect(error.message).toContain(server.origin);
    expect(error.message).toContain(`connected to ${session.origin}, so no session id was sent`);
    expect(error.message).not.toContain("0123456789abcdef");
    expect([server.requests.length, asked(), session.asked]).toEqual([2, 2, 0]);
    for (const { headers } of server.requests) expect(headers).not.toHaveProperty("vmware-api-session-id");
  });

  test("succeeds with one fresh endpoint", async () => {
    await using server = await startByteServer((request, response, index) => {
      if (index === 0) response.writeHead(401).end();
      else serveBytes(file, request, response);
    });
    const { source, asked } = counted(server.url());
    const session = connectedTo("http://vc.example.test");
    const seen = await readAll(openTransfer(source, { ...quick, session }));
    expect(seen.bytes.equals(file)).toBe(true);
    expect(asked()).toBe(2);
  });

  test("names both whatever the refusal, and while the server is busy", async () => {
    for (const status of [403, 404, 410, 503, 418]) {
      await using server = await startByteServer((_request, response) => response.writeHead(status).end());
      const session = connectedTo(`http://localhost:${server.port}`);
      const error = await failure({ uri: server.url() }, { session, resumeLimit: 1 });
      expect(error).toMatchObject({ status, origin: server.origin, clientOrigin: session.origin });
    }
  });

  test("names both where it does not exist, or where nothing listens", async () => {
    const session = connectedTo("http://localhost:8443");
    const { source, asked } = counted("http://vcsa.invalid/cls/data/0123456789abcdef/disk.vmdk");
    const unknown = await failure(source, { session });
    expect(unknown).toMatchObject({ problem: "broken", origin: "http://vcsa.invalid", clientOrigin: session.origin });
    expect(unknown.message).toMatch(/http:\/\/vcsa\.invalid .*connected to http:\/\/localhost:8443\): .*ENOTFOUND/u);
    expect(asked()).toBe(1);
    const closed = await failure({ uri: "http://127.0.0.1:9/x" }, { session, resumeLimit: 1 });
    expect(closed).toMatchObject({ problem: "broken", origin: "http://127.0.0.1:9", clientOrigin: session.origin });
    expect(closed.message).toMatch(/127\.0\.0\.1:9 .*localhost:8443.*ECONNREFUSED/u);
  });

  test("sends and renews the session id on the client's own origin only", async () => {
    await using server = await startByteServer((_request, response) => response.writeHead(401).end());
    const session = connectedTo(server.origin);
    const error = await failure({ uri: server.url() }, { session });
    expect(error).toMatchObject({ status: 401, origin: server.origin, clientOrigin: server.origin });
    expect(error.message).not.toContain("connected to");
    expect(server.requests.map(({ headers }) => headers["vmware-api-session-id"])).toEqual(["id-1", "id-2"]);
  });

  test("requests one fresh endpoint where the renewed session id was refused as well", async () => {
    await using server = await startByteServer((_request, response) => response.writeHead(401).end());
    const { source, asked } = counted(server.url());
    const error = await failure(source, { session: connectedTo(server.origin) });
    expect(error).toMatchObject({ problem: "refused", status: 401 });
    expect([server.requests.length, asked()]).toEqual([4, 2]);
  });
});

describe("openTransfer, for a server over TLS,", () => {
  const session = connectedTo("https://vc.example.test");

  test("refuses http, unless it is allowed", async () => {
    await using server = await startByteServer((request, response) => serveBytes(file, request, response));
    const error = await failure({ uri: server.url() }, { session });
    expect(error).toMatchObject({
      problem: "endpoint",
      retryable: false,
      origin: server.origin,
      clientOrigin: "https://vc.example.test",
    });
    expect(error.message).toMatch(/"disk\.vmdk" from http:\/\/127\.0\.0\.1:\d+: it is not encrypted/u);
    expect(server.connections).toBe(0);
    const allowed = await readAll(openTransfer({ uri: server.url() }, { ...quick, session, allowHttpTransfers: true }));
    expect(allowed.bytes.equals(file)).toBe(true);
    await using pool = new ConnectionPool({ proxy: false, allowHttpTransfers: true });
    expect((await readAll(openTransfer({ uri: server.url() }, { ...quick, session, pool }))).isEnded).toBe(true);
    // A client that is connected over http loses nothing.
    const plain = await readAll(openTransfer({ uri: server.url() }, { ...quick, session: connectedTo("http://vc") }));
    expect(plain.isEnded).toBe(true);
  });

  test("refuses a redirect to http", async () => {
    const { pem: cert, key, sha256 } = await makeCertificate();
    await using plain = await startByteServer((request, response) => serveBytes(file, request, response));
    await using server = await startByteServer(
      (_request, response) => response.writeHead(302, { location: plain.url() }).end(),
      { cert, key },
    );
    for (const allowHttpTransfers of [false, true]) {
      const endpoint = { uri: server.url(), ssl_certificate_thumbprint: sha256 };
      const error = await failure(endpoint, { session, allowHttpTransfers });
      expect(error).toMatchObject({ problem: "refused", retryable: false, origin: server.origin });
      expect(error.message).toContain(`another origin (${plain.origin})`);
    }
    expect(plain.connections).toBe(0);
  });

  test("accepts another https server, even on this machine", async () => {
    const { pem: cert, key, sha1 } = await makeCertificate();
    await using server = await startByteServer((request, response) => serveBytes(file, request, response), {
      cert,
      key,
    });
    const endpoint = { uri: server.url(), ssl_certificate_thumbprint: sha1 };
    expect((await readAll(openTransfer(endpoint, { ...quick, session }))).bytes.equals(file)).toBe(true);
  });
});

describe("openTransfer never connects to the link-local address", () => {
  test.for([
    "169.254.169.254",
    "169.254.1.1:8080",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "169.254.169.254.",
    "[fe80::1]",
    "[febf::1]:8080",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[::169.254.169.254]",
    "[64:ff9b::169.254.169.254]",
    "user:password@169.254.169.254",
    "１６９.254.169.254",
  ])("%s", async (host) => {
    await using proxy = await startConnectProxy();
    for (const scheme of ["http", "https"]) {
      for (const options of [
        {},
        { session: connectedTo("http://vc") },
        { allowHttpTransfers: true, proxy: proxy.url },
      ]) {
        const error = await failure({ uri: `${scheme}://${host}/latest/meta-data/` }, options);
        expect(error).toMatchObject({ problem: "endpoint", retryable: false });
        expect(error.message).toContain("link-local");
        expect(error.message).not.toContain("meta-data");
      }
    }
    expect(proxy.tunnels).toEqual([]);
  });

  test("unless the client itself is connected to it", async () => {
    const stopped = new AbortController();
    const session = connectedTo("http://169.254.255.255:9");
    const stream = openTransfer(
      { uri: `${session.origin}/x` },
      { ...quick, session, signal: stopped.signal, resumeLimit: 0 },
    );
    const reading = readAll(stream);
    setImmediate(() => stopped.abort(new Error("enough")));
    expect(String((await reading).error)).not.toContain("link-local");
  });
});

test("openTransfer checks the origin against the vCenter that the source states", async () => {
  await using server = await startByteServer((request, response) => serveBytes(file, request, response));
  const source = (clientOrigin: string): TransferSource => {
    return () => Promise.resolve({ endpoint: { uri: server.url() }, clientOrigin });
  };
  const error = await failure(source("https://vc.example.test"), { session: connectedTo(server.origin) });
  expect(error).toMatchObject({ problem: "endpoint", clientOrigin: "https://vc.example.test" });
  expect((await readAll(openTransfer(source("http://vc.example.test"), quick))).isEnded).toBe(true);
});

test("openTransfer escapes a server's text in messages", async () => {
  await using server = await startByteServer((_request, response, index) => {
    response.setHeader("etag", `"\u{9b}31m${"x".repeat(500)}${index}"`);
    response.setHeader("content-length", 9 + index);
    response.writeHead(200);
    response.write("x", () => response.destroy());
  });
  const options = { ...quick, startByte: 1, expect: { validator: { etag: '"a"' } } };
  const error: unknown = (await readAll(openTransfer({ uri: server.url() }, options))).error;
  expect(String(error)).toMatch(/its ETag changed from "a" to "\?+31mx+\.\.\.\.?$/u);
  expect(String(error)).not.toMatch(/\p{Cc}|x{101}/u);
});

test("openTransfer names a redirect to something that is not a server by its scheme", async () => {
  await using server = await startByteServer((_request, response) =>
    response.writeHead(302, { location: "file:///etc/passwd" }).end(),
  );
  const error = await failure({ uri: server.url() }, {});
  expect(error).toMatchObject({ problem: "refused", status: 302 });
  expect(error.message).toContain("to another origin (file:)");
});
