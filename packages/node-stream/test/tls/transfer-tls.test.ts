import { randomBytes } from "node:crypto";
import { CertificateError } from "@carrel/core";
import type { TransferEndpoint } from "@carrel/core";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { ConnectionPool, createNodeFetch, openTransfer } from "../../src/index.ts";
import type { TransferOptions } from "../../src/index.ts";
import { serveBytes, startByteServer } from "../support/byte-server.ts";
import type { ByteServer } from "../support/byte-server.ts";
import { makeCertificate, startConnectProxy } from "@carrel/test-kit";
import type { TestCertificate } from "@carrel/test-kit";
import { readAll } from "../support/read-all.ts";

const file = randomBytes(300_000);
let right: TestCertificate;
let wrong: TestCertificate;
let server: ByteServer;

beforeAll(async () => {
  [right, wrong] = await Promise.all([makeCertificate(), makeCertificate()]);
  server = await startByteServer((request, response) => serveBytes(file, request, response), {
    cert: right.pem,
    key: right.key,
  });
});
afterAll(() => server[Symbol.asyncDispose]());

async function outcome(endpoint: Omit<TransferEndpoint, "uri">, options: TransferOptions = {}): Promise<unknown> {
  const seen = await readAll(openTransfer({ uri: server.url(), ...endpoint }, { proxy: false, ...options }));
  return seen.isEnded && seen.bytes.equals(file) ? "whole" : seen.error;
}

describe("openTransfer", () => {
  test("accepts a certificate by any matching pin", async () => {
    expect(await outcome({ ssl_certificate: right.pem })).toBe("whole");
    expect(await outcome({ ssl_certificate_thumbprint: right.sha1 })).toBe("whole");
    expect(await outcome({ ssl_certificate_thumbprint: right.sha256.toLowerCase() })).toBe("whole");
    expect(await outcome({}, { thumbprint: right.sha1.replaceAll(":", "") })).toBe("whole");
    expect(await outcome({}, { ca: right.pem })).toBe("whole");
    expect(await outcome({}, { ca: [wrong.pem, Buffer.from(right.pem)] })).toBe("whole");
  });

  test("refuses a certificate by any other pin, at once, and sends nothing", async () => {
    const before = server.requests.length;
    for (const [endpoint, options] of [
      [{}, {}],
      [{ ssl_certificate: wrong.pem }, {}],
      [{ ssl_certificate_thumbprint: wrong.sha1 }, {}],
      [{ ssl_certificate: "not a certificate" }, {}],
      [{ ssl_certificate_thumbprint: "12:34" }, {}],
      [{}, { thumbprint: wrong.sha256 }],
      [{}, { ca: wrong.pem }],
    ] as const) {
      const error = await outcome(endpoint, { resumeDelayMs: 60_000, ...options });
      expect(error).toBeInstanceOf(CertificateError);
      expect(String(error)).not.toContain("0123456789abcdef");
    }
    expect(server.requests).toHaveLength(before);
  });

  test("attributes a mismatch with the endpoint's certificate to the server, not to the user", async () => {
    for (const endpoint of [{ ssl_certificate_thumbprint: wrong.sha1 }, { ssl_certificate: wrong.pem }]) {
      const error = await outcome(endpoint, { thumbprint: right.sha256 });
      expect(error).toMatchObject({
        problem: "not-endpoint",
        message: expect.stringContaining("transfer endpoint") as string,
      });
    }
    expect(await outcome({}, { thumbprint: wrong.sha1 })).toMatchObject({ problem: "not-pinned" });
  });

  test("refuses an unreadable pin of an endpoint with host, file and reason, without repeating it", async () => {
    for (const [endpoint, why] of [
      [{ ssl_certificate_thumbprint: "AA:BB" }, "ssl_certificate_thumbprint .* it has 4 hexadecimal digits"],
      [{ ssl_certificate_thumbprint: "\u{1b}[31mjunk" }, "ssl_certificate_thumbprint .* it contains"],
      [{ ssl_certificate: "junk" }, "ssl_certificate .* not a readable PEM certificate"],
    ] as const) {
      const error = await outcome(endpoint, { fileName: "disk-0.vmdk", thumbprint: right.sha256 });
      expect(error).toMatchObject({ code: "CERTIFICATE", problem: "bad-endpoint", host: `127.0.0.1:${server.port}` });
      const { message } = error as Error;
      expect(message).toMatch(new RegExp(why, "u"));
      expect(message).toContain(`"disk-0.vmdk" at 127.0.0.1:${server.port}`);
      expect(message).not.toMatch(/junk|\p{Cc}/u);
    }
  });

  test("accepts a fingerprint after a label", async () => {
    for (const thumbprint of [
      `sha256 Fingerprint=${right.sha256}`,
      `\u{200e}${right.sha1}`,
      `vc:443 ${right.sha256}`,
    ]) {
      expect(await outcome({}, { thumbprint })).toBe("whole");
    }
    await using fetch = createNodeFetch({ thumbprint: `SHA256 Fingerprint=${right.sha256}`, proxy: false });
    expect((await fetch(server.url())).status).toBe(200);
    expect(() => createNodeFetch({ thumbprint: "sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=" })).toThrow(
      /Base64/u,
    );
  });

  test("checks only the endpoint's certificate, otherwise its thumbprint, otherwise the user's", async () => {
    const endpoint = { ssl_certificate: right.pem, ssl_certificate_thumbprint: wrong.sha1 };
    expect(await outcome(endpoint, { thumbprint: wrong.sha1 })).toBe("whole");
    expect(await outcome({ ...endpoint, ssl_certificate: wrong.pem }, { ca: right.pem })).toBeInstanceOf(
      CertificateError,
    );
    expect(await outcome({ ssl_certificate_thumbprint: right.sha1 }, { thumbprint: wrong.sha1 })).toBe("whole");
    expect(await outcome({ ssl_certificate_thumbprint: wrong.sha1 }, { thumbprint: right.sha1 })).toBeInstanceOf(
      CertificateError,
    );
  });

  test("checks the pin on every socket of a shared pool", async () => {
    await using pool = new ConnectionPool({ proxy: false });
    for (let round = 0; round < 3; round += 1) {
      expect(await outcome({ ssl_certificate_thumbprint: right.sha256 }, { pool })).toBe("whole");
      expect(server.sockets.size).toBe(1);
      expect(await outcome({ ssl_certificate_thumbprint: wrong.sha256 }, { pool })).toBeInstanceOf(CertificateError);
      expect(await outcome({}, { pool })).toBeInstanceOf(CertificateError);
      for (const socket of server.sockets) socket.destroy();
    }
  });

  test("notices a certificate that changes between two connections", async () => {
    await using turning = await startByteServer(
      (request, response, index) => {
        if (index > 0) return serveBytes(file, request, response);
        response.writeHead(200, { "content-length": file.length, etag: '"v1"' });
        response.write(file.subarray(0, 1000), () => response.destroy());
      },
      { cert: right.pem, key: right.key },
    );
    const endpoint = { uri: turning.url(), ssl_certificate_thumbprint: right.sha1 };
    const onResume = (): void =>
      (turning.server as unknown as { setSecureContext(context: object): void }).setSecureContext({
        cert: wrong.pem,
        key: wrong.key,
      });
    const seen = await readAll(openTransfer(endpoint, { proxy: false, resumeDelayMs: 1, onResume }));
    expect(seen.error).toBeInstanceOf(CertificateError);
    expect(turning.requests).toHaveLength(1);
  });
});

describe("openTransfer, through a proxy,", () => {
  beforeEach(() => {
    for (const name of ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"])
      vi.stubEnv(name, undefined);
    return () => vi.unstubAllEnvs();
  });

  test("uses a tunnel, and checks the pin of the server behind it", async () => {
    await using proxy = await startConnectProxy();
    expect(await outcome({ ssl_certificate_thumbprint: right.sha1 }, { proxy: proxy.url })).toBe("whole");
    expect(proxy.tunnels.map(({ url }) => url)).toEqual([`127.0.0.1:${server.port}`]);
    const before = server.requests.length;
    for (let round = 0; round < 2; round += 1) {
      expect(await outcome({ ssl_certificate_thumbprint: wrong.sha1 }, { proxy: proxy.url })).toBeInstanceOf(
        CertificateError,
      );
      expect(await outcome({}, { proxy: proxy.url })).toBeInstanceOf(CertificateError);
      expect(await outcome({}, { proxy: proxy.url, ca: right.pem })).toBe("whole");
    }
    expect(server.requests.length).toBe(before + 2);
    await using fetch = createNodeFetch({ proxy: new URL(proxy.url), thumbprint: right.sha256 });
    expect((await fetch(server.url())).status).toBe(200);
  });

  test("reads it from the environment, unless NO_PROXY names the server", async () => {
    await using proxy = await startConnectProxy({ login: { user: "user", password: "pass" } });
    vi.stubEnv("HTTPS_PROXY", proxy.url.replace("//", "//user:pass@"));
    const endpoint = { uri: server.url(), ssl_certificate_thumbprint: right.sha1 };
    expect((await readAll(openTransfer(endpoint))).bytes.equals(file)).toBe(true);
    expect(proxy.tunnels).toHaveLength(1);
    vi.stubEnv("NO_PROXY", "127.0.0.1");
    expect((await readAll(openTransfer(endpoint))).bytes.equals(file)).toBe(true);
    expect((await readAll(openTransfer(endpoint, { proxy: false }))).bytes.equals(file)).toBe(true);
    expect(proxy.tunnels).toHaveLength(1);
    // An http address uses a tunnel as well.
    await using plain = await startByteServer((request, response) => serveBytes(file, request, response));
    vi.stubEnv("NO_PROXY", undefined);
    vi.stubEnv("HTTP_PROXY", proxy.url.replace("//", "//user:pass@"));
    expect((await readAll(openTransfer({ uri: plain.url() }))).bytes.equals(file)).toBe(true);
    expect(proxy.tunnels).toHaveLength(2);
  });

  test("names one that refuses, without its password", async () => {
    await using proxy = await startConnectProxy({ login: { user: "user", password: "pass" } });
    const options = { proxy: proxy.url.replace("//", "//user:wrong-secret@"), resumeLimit: 1, resumeDelayMs: 1 };
    const error = await outcome({ ssl_certificate_thumbprint: right.sha1 }, options);
    expect(error).toMatchObject({ code: "TRANSFER", message: expect.stringContaining("407") });
    expect(JSON.stringify(error) + String(error)).not.toContain("wrong-secret");
  });
});
