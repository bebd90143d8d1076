import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { TransportError } from "@carrel/core";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { ConnectionPool, createNodeFetch, openTransfer } from "../../src/index.ts";
import { presentedCertificates, proxyFor, ProxyError, tryTunnel } from "../../src/tls.ts";
import { serveBytes, startByteServer } from "../support/byte-server.ts";
import type { ByteServer } from "../support/byte-server.ts";
import { makeCertificate, startConnectProxy } from "@carrel/test-kit";
import type { ConnectProxyOptions, TestCertificate } from "@carrel/test-kit";
import { readAll } from "../support/read-all.ts";

const file = Buffer.alloc(100_000, "x");
const behind = new URL("https://vc.example.test");
let certificate: TestCertificate;
let server: ByteServer;

beforeAll(async () => {
  certificate = await makeCertificate();
  server = await startByteServer((request, response) => serveBytes(file, request, response), {
    cert: certificate.pem,
    key: certificate.key,
  });
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"]) {
    vi.stubEnv(name, undefined);
    vi.stubEnv(name.toLowerCase(), undefined);
  }
  return () => vi.unstubAllEnvs();
});

function look(url: URL, signal = AbortSignal.timeout(20_000)): Promise<string | undefined> {
  return presentedCertificates(url, { signal }).then(({ chain }) => chain[0]?.fingerprint256);
}

/** Returns the error of a connection through the proxy that is set. */
async function failure(): Promise<unknown> {
  const errors = await Promise.all(
    [look(behind), tryTunnel(behind, AbortSignal.timeout(20_000))].map((promise) =>
      promise.then(
        () => undefined,
        (error: unknown) => error,
      ),
    ),
  );
  expect(String(errors[0])).toBe(String(errors[1]));
  return errors[0];
}

describe("ProxyRules", () => {
  const both = { HTTP_PROXY: "http://plain:1", HTTPS_PROXY: "http://user:s3cret@tls:2" };

  test.for([
    [{}, "https://vc.example.test", undefined],
    [both, "https://vc.example.test", "http://tls:2"],
    [both, "http://vc.example.test", "http://plain:1"],
    [{ https_proxy: "http://[::1]:3128", HTTPS_PROXY: "http://tls:2" }, "https://vc", "http://[::1]:3128"],
    [{ https_proxy: "", HTTPS_PROXY: "http://tls:2" }, "https://vc", undefined],
    [{ HTTP_PROXY: "http://plain:1" }, "https://vc", "http://plain:1"],
    [{ HTTPS_PROXY: "https://tls" }, "https://[2001:db8::7]:8443", "https://tls"],
    [{ ...both, NO_PROXY: "*" }, "https://vc.example.test", undefined],
    [{ ...both, NO_PROXY: ".example.test" }, "https://vc.example.test", undefined],
    [{ ...both, NO_PROXY: "example.test" }, "https://vc.example.test", undefined],
    [{ ...both, NO_PROXY: "vc.example" }, "https://vc.example.test", "http://tls:2"],
    [{ ...both, NO_PROXY: "a, vc.example.test:443" }, "https://vc.example.test", undefined],
    [{ ...both, NO_PROXY: "vc.example.test:8443" }, "https://vc.example.test", "http://tls:2"],
    [{ ...both, no_proxy: "2001:db8::7" }, "https://[2001:db8::7]", undefined],
    [{ ...both, no_proxy: "[2001:db8::7]:8443" }, "https://[2001:db8::7]:8443", undefined],
  ] as const)("%j, %s: %s", ([environment, url, expected]) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const proxy = proxyFor(new URL(url));
    expect(proxy?.origin).toBe(expected);
    expect(String(proxy)).not.toContain("s3cret");
  });

  test.for([
    ["proxy:3128", "http://proxy:3128"],
    ["127.0.0.1:3128", "http://127.0.0.1:3128"],
    ["[::1]:3128", "http://[::1]:3128"],
    ["user:s3cret@proxy:3128", "http://proxy:3128"],
    ["proxy", "http://proxy"],
    [" http://proxy:3128/ ", "http://proxy:3128"],
    ["HTTP://PROXY:3128", "http://proxy:3128"],
  ] as const)("read %j as %s, as curl does", ([proxy, origin]) => {
    vi.stubEnv("HTTPS_PROXY", proxy);
    expect(proxyFor(behind)?.href).toBe(`${origin}/`);
  });

  test.for([
    ["ftp://proxy", /its scheme is neither/u],
    ["http://user:s3cret/x@proxy:3128", /not a URL/u],
    ["user:s3cret/x@proxy:3128", /not a URL|has a path/u],
    ["http://proxy:3128/s3cret", /it has a path or a query/u],
    ["http://user:s3cret%@proxy:3128", /not part of a %XX/u],
    ["socks5://user:s3cret@proxy:1080", /SOCKS/u],
    ["socks5h://user:s3cret@proxy:1080", /SOCKS/u],
    ["socks://proxy", /SOCKS/u],
  ] as const)("reject %s without repeating it", async ([proxy, message]) => {
    expect(() => new ConnectionPool({ proxy })).toThrow(message);
    expect(() => createNodeFetch({ proxy })).toThrow(TypeError);
    vi.stubEnv("https_proxy", proxy);
    const told = /^https_proxy cannot be used: (?:(?!s3cret).)*$/u;
    expect(() => proxyFor(behind)).toThrow(told);
    await expect(look(behind)).rejects.toMatchObject({ problem: "settings", retryable: false });
    await expect(look(behind)).rejects.toThrow(told);
    expect(new ConnectionPool({ proxy: false }).options).toEqual({ proxy: false });
  });

  test("stop a transfer and a client at once where the proxy is unusable, and only where it would be used", async () => {
    vi.stubEnv("HTTPS_PROXY", "socks5://proxy");
    const endpoint = { uri: server.url(), ssl_certificate_thumbprint: certificate.sha1 };
    const stopped = await readAll(openTransfer(endpoint, { resumeDelayMs: 60_000 }));
    expect(stopped.error).toMatchObject({ code: "TRANSFER", retryable: false, cause: { problem: "settings" } });
    await using fetch = createNodeFetch({ thumbprint: certificate.sha1 });
    await expect(fetch(server.url())).rejects.toMatchObject({ cause: { problem: "settings" } });
    for (const [name, value] of [
      ["NO_PROXY", "127.0.0.0/8"],
      ["NO_PROXY", "*"],
    ] as const) {
      vi.stubEnv(name, value);
      expect((await readAll(openTransfer(endpoint))).bytes.equals(file)).toBe(true);
      await using direct = createNodeFetch({ thumbprint: certificate.sha1 });
      expect((await direct(server.url())).status).toBe(200);
    }
    vi.stubEnv("NO_PROXY", "");
    // An http server has another proxy, and an explicit one takes precedence.
    vi.stubEnv("http_proxy", "");
    expect(proxyFor(new URL("http://vc.example.test"))).toBeUndefined();
    expect(() => new ConnectionPool({ proxy: "http://proxy" })).not.toThrow();
  });
});

describe("NO_PROXY", () => {
  const direct = (noProxy: string, url: string): boolean => {
    vi.stubEnv("HTTPS_PROXY", "http://proxy:3128");
    vi.stubEnv("NO_PROXY", noProxy);
    return proxyFor(new URL(url)) === undefined;
  };

  test.for([
    ["127.0.0.0/8", "https://127.0.0.1:8443", true],
    ["127.0.0.1/32", "https://127.0.0.1", true],
    ["10.0.0.0/8", "https://10.200.3.4", true],
    ["10.1.2.3/8", "https://10.200.3.4", true],
    ["10.0.0.0/8", "https://11.0.0.1", false],
    ["0.0.0.0/0", "https://11.0.0.1", true],
    ["192.168.0.0/20", "https://192.168.15.255", true],
    ["192.168.0.0/20", "https://192.168.16.0", false],
    ["10.0.0.0/8:8443", "https://10.0.0.1:8443", true],
    ["10.0.0.0/8:8443", "https://10.0.0.1", false],
    ["10.0.0.0/33", "https://10.0.0.1", false],
    ["10.0.0.0/", "https://10.0.0.1", false],
    ["10.0.0.0/8/8", "https://10.0.0.1", false],
    ["10.0.0.0/-1", "https://10.0.0.1", false],
    // Names are not resolved, and a range is not a name.
    ["127.0.0.0/8", "https://localhost", false],
    ["10.0.0.0/8", "https://10.0.0.0.example.test", false],
    // In whatever form the address is written.
    ["10.0.0.0/8", "https://0x0a000001", true],
    ["10.0.0.0/8", "https://167772161", true],
    ["10.0.0.0/8", "https://[::ffff:10.0.0.1]", true],
    ["10.0.0.1", "https://[::ffff:10.0.0.1]", true],
    ["fd00::/8", "https://[fd12:3456::1]", true],
    ["fd00::/8", "https://[fe00::1]", false],
    ["::/0", "https://[fe00::1]", true],
    ["::/0", "https://10.1.2.3", false],
    ["[fd00::]/8", "https://[fd12:3456::1]", true],
    ["[fd00::/8]", "https://[fd12:3456::1]", true],
    ["[fd00::]/8:8443", "https://[fd12:3456::1]", false],
    ["2001:DB8:0:0::7", "https://[2001:db8::7]:8443", true],
    ["[2001:db8::7]", "https://[2001:db8::7]:8443", true],
    ["[2001:db8::7]:443", "https://[2001:db8::7]:8443", false],
    ["::1", "https://[::1]", true],
    ["a.test vc.example.test", "https://vc.example.test", true],
    ["a.test\tvc.example.test,", "https://vc.example.test", true],
    [" , ,vc.example.test", "https://vc.example.test", true],
    ["VC.Example.TEST", "https://vc.example.test", true],
    ["vc.example.test.", "https://vc.example.test", true],
    ["vc.example.test", "https://vc.example.test.", true],
    [".example.test", "https://example.test", true],
    ["*.example.test", "https://vc.example.test", true],
    ["*.example.test", "https://example.test", false],
    ["example.test", "https://notexample.test", false],
    ["b\u{fc}cher.test", "https://vc.b\u{fc}cher.test", true],
    ["a.test,*", "https://vc.example.test", true],
    ["*:8443", "https://vc.example.test", false],
    ["*:443", "https://vc.example.test", true],
    ["vc", "https://vc.example.test", false],
    ["", "https://vc.example.test", false],
    [".", "https://vc.example.test", false],
  ] as const)("%j, %s: %s", ([noProxy, url, expected]) => {
    expect(direct(noProxy, url)).toBe(expected);
  });

  test("reads any text without an error", () => {
    const part = fc.constantFrom("[", "]", "/", ":", ".", "*", ",", " ", "10.0.0.0", "::1", "8", "vc", "\u{fc}", "%");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        direct(parts.join(""), "https://10.0.0.1");
        direct(parts.join(""), "https://[::1]:8443");
      }),
    );
  });
});

describe("presentedCertificates", () => {
  test("connects as transfers do, sends nothing and leaves nothing open", async () => {
    const before = server.requests.length;
    expect(await look(new URL(server.origin))).toBe(certificate.sha256);
    await using proxy = await startConnectProxy({ leadsTo: server.port, login: { user: "user", password: "p%:@ss" } });
    vi.stubEnv("HTTPS_PROXY", proxy.url.replace("//", `//user:${encodeURIComponent("p%:@ss")}@`));
    expect(await look(behind)).toBe(certificate.sha256);
    await tryTunnel(behind, AbortSignal.timeout(20_000));
    expect(await look(new URL("https://[2001:db8::7]:8443"))).toBe(certificate.sha256);
    expect(proxy.tunnels.map(({ url }) => url)).toEqual([
      "vc.example.test:443",
      "vc.example.test:443",
      "[2001:db8::7]:8443",
    ]);
    expect(server.requests).toHaveLength(before);
    await server.idle();
    await expect.poll(() => proxy.sockets.size).toBe(0);
  });

  test("rejects with its signal's reason while a proxy is silent", async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket.on("error", () => {}))).listen(0, "127.0.0.1");
    await once(silent, "listening");
    vi.stubEnv("HTTPS_PROXY", `http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
    const stop = new AbortController();
    const looking = look(behind, stop.signal);
    await once(silent, "connection");
    const reason = new Error("enough");
    stop.abort(reason);
    await expect(looking).rejects.toBe(reason);
    await expect.poll(() => [...sockets].filter(({ destroyed }) => !destroyed)).toEqual([]);
    silent.close();
  });
});

describe("ConnectionPool, with a proxy over TLS", () => {
  test("uses it where Node trusts its certificate", async () => {
    await using proxy = await startConnectProxy({ certificate, leadsTo: server.port });
    vi.stubEnv("HTTPS_PROXY", proxy.url);
    expect(await failure()).toMatchObject({ problem: "certificate", retryable: false });
    const before = getCACertificates("default");
    setDefaultCACertificates([certificate.pem]);
    try {
      expect(await look(behind)).toBe(certificate.sha256);
      vi.stubEnv("HTTPS_PROXY", proxy.url.replace("127.0.0.1", "localhost"));
      const endpoint = { uri: "https://vc.example.test/a.iso", ssl_certificate_thumbprint: certificate.sha1 };
      expect((await readAll(openTransfer(endpoint))).bytes.equals(file)).toBe(true);
      const misnamed = await makeCertificate([{ value: "elsewhere.example.test" }]);
      setDefaultCACertificates([misnamed.pem]);
      await using other = await startConnectProxy({ certificate: misnamed });
      vi.stubEnv("HTTPS_PROXY", other.url);
      expect(await failure()).toMatchObject({ message: expect.stringContaining("ALTNAME_INVALID") as string });
      expect(other.tunnels).toEqual([]);
    } finally {
      setDefaultCACertificates(before);
    }
  });

  test("uses one on an IPv6 address", async () => {
    await using proxy = await startConnectProxy({ host: "::1", leadsTo: server.port });
    vi.stubEnv("HTTPS_PROXY", proxy.url);
    expect(await look(behind)).toBe(certificate.sha256);
  });
});

describe("ProxyError reports a failing proxy", () => {
  const head = (text: string): ConnectProxyOptions => ({ refuse: () => `HTTP/1.1 ${text}\r\n\r\n` });
  const challenges = "proxy-authenticate: Negotiate\r\nproxy-authenticate: NTLM";

  test.for([
    [{ login: { user: "user", password: "pass" } }, "requires a user name and password (status 407)", "login", false],
    [
      head(`407 No\r\n${challenges}`),
      "requires authentication by Negotiate or NTLM, and only Basic is supported (status 407)",
      "refused",
      false,
    ],
    [
      head(`407 No\r\n${challenges}\r\nproxy-authenticate: Basic realm="x"`),
      "requires a user name and password (status 407)",
      "login",
      false,
    ],
    [head("403 No"), "does not allow connections to vc.example.test:443 (status 403)", "refused", false],
    [head("502 No"), "cannot reach vc.example.test:443 (status 502)", "server", true],
    [head("429 No"), "does not allow connections to vc.example.test:443 (status 429)", "refused", true],
    [{ refuse: () => "SSH-2.0-sshd\r\n" }, "did not answer with HTTP", "unreachable", false],
    [{ refuse: () => "" }, "closed the connection without a response", "unreachable", true],
  ] as const)("%#: %s", async ([options, message, problem, retryable]) => {
    await using proxy = await startConnectProxy(options);
    vi.stubEnv("HTTPS_PROXY", proxy.url);
    const error = await failure();
    expect(error).toBeInstanceOf(ProxyError);
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ code: "TRANSPORT", problem, retryable });
    expect(String(error)).toContain(`The proxy ${proxy.url} ${message}`);
  });

  test("where nothing listens, and where it does not speak TLS", async () => {
    await using proxy = await startConnectProxy();
    vi.stubEnv("HTTPS_PROXY", proxy.url.replace("http:", "https:"));
    expect(String(await failure())).toContain("does not speak TLS");
    vi.stubEnv("HTTPS_PROXY", "http://user:s3cret@127.0.0.1:9");
    expect(String(await failure())).toBe("ProxyError: The proxy http://127.0.0.1:9 cannot be reached (ECONNREFUSED)");
  });

  test("to a transfer, at once where it refuses, and after retries where these may help", async () => {
    const endpoint = { uri: "https://vc.example.test/a.iso", ssl_certificate_thumbprint: certificate.sha1 };
    await using asks = await startConnectProxy({ login: { user: "user", password: "pass" } });
    const refused = await readAll(openTransfer(endpoint, { proxy: asks.url, resumeDelayMs: 1 }));
    expect(refused.error).toMatchObject({ code: "TRANSFER", retryable: false });
    expect(asks.tunnels).toHaveLength(1);
    const refuse = (_target: string, index: number): string | undefined =>
      index < 2 ? "HTTP/1.1 503 Busy\r\n\r\n" : undefined;
    await using busy = await startConnectProxy({ leadsTo: server.port, refuse });
    const mended = await readAll(openTransfer(endpoint, { proxy: busy.url, resumeDelayMs: 1 }));
    expect(mended.bytes.equals(file)).toBe(true);
    expect(busy.tunnels).toHaveLength(3);
  });
});

test("ConnectionPool closes a tunnel with a silent server on disposal", async () => {
  const connected = Promise.withResolvers<Socket>();
  const silent = createServer((socket) => connected.resolve(socket.on("error", () => {}))).listen(0, "127.0.0.1");
  await once(silent, "listening");
  await using proxy = await startConnectProxy({ leadsTo: (silent.address() as AddressInfo).port });
  const fetch = createNodeFetch({ proxy: proxy.url });
  const fetched = fetch(behind).catch((error: unknown) => error);
  const socket = await connected.promise;
  await once(socket, "data");
  await fetch[Symbol.asyncDispose]();
  expect(await fetched).toBeInstanceOf(TypeError);
  await expect.poll(() => proxy.sockets.size).toBe(0);
  silent.close();
});
