import { createClient, passwordAuth, tokenAuth } from "@carrel/core";
import type { CarrelClient, WireStyle } from "@carrel/core";
import { describe, expect, test } from "vitest";
import { relayPlugin } from "../src/index.ts";
import type { MiddlewareServer } from "../src/index.ts";
import { openPage, openServer, path } from "./support/open-page.ts";
import type { OpenPage } from "./support/open-page.ts";

const fileName = "disk #1 größer.iso";
const styles: readonly WireStyle[] = ["api", "rest"];

function clientOf(
  page: OpenPage,
  wire: WireStyle | "auto" = "api",
  auth = passwordAuth(page.simulator.credentials),
): CarrelClient {
  return createClient({ endpoint: page.origin + path, auth, wire, fetch: page.fetch, retry: { limit: 0 } });
}

const trueBytes = (page: OpenPage): Promise<Uint8Array> =>
  page.simulator.inventory.item("images/debian").file(fileName).bytes();

const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

describe.each(styles)("createRelay, in the style %s", (wire) => {
  test("passes on a session: login, lease, transfer, logout, each pin being checked on the way", async () => {
    await using page = await openPage();
    const client = clientOf(page, wire);
    const lease = await client.lease("item-1");
    const { uri, ...rest } = await lease.prepare(fileName);
    const ownPath = /^http:\/\/127\.0\.0\.1:\d+\/vc\/lab\/transfer\/[\w-]{32}\/disk%20%231%20gr%C3%B6%C3%9Fer\.iso$/u;
    expect(uri).toMatch(ownPath);
    expect(rest).toEqual({});
    const response = await page.fetch(uri);
    expect((await bytesOf(response)).equals(await trueBytes(page))).toBe(true);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "accept-ranges": "bytes",
      "content-disposition": "attachment; filename*=UTF-8''disk%20%231%20gr%C3%B6%C3%9Fer.iso",
      "content-length": "3000001",
      "content-security-policy": "default-src 'none'; sandbox",
      "content-type": "application/octet-stream",
      "x-content-type-options": "nosniff",
    });
    expect((await lease.file(fileName)).download_endpoint?.uri).toBe(uri);
    await client.close();
    expect(page.simulator.openSessions).toEqual([]);
    expect(page.simulator.openApiSessions).toEqual([]);
    expect((await page.fetch(uri)).status).toBe(404);
    expect(page.errors).toEqual([]);
  });

  test("with a login of its own, gives pages no cookie, logs in again after a 401, and logs out at the end", async () => {
    await using page = await openPage();
    await using own = await openPage({
      endpoint: page.simulator.url,
      thumbprint: page.simulator.certificate?.sha256 ?? "",
      auth: passwordAuth(page.simulator.credentials),
    });
    const client = clientOf(own, wire, tokenAuth("any"));
    expect(await client.item.find({ name: "debian" })).toEqual(["item-1"]);
    page.simulator.expireApiSessions();
    const lease = await client.lease("item-1");
    const { uri } = await lease.prepare(fileName);
    expect((await bytesOf(await own.fetch(uri))).equals(await trueBytes(page))).toBe(true);
    // A page that logs in and out by itself changes nothing.
    await using other = clientOf(own, wire);
    expect(await other.library.list()).toHaveLength(1);
    await other.close();
    await client.close();
    expect(own.cookie()).toBeUndefined();
    expect(page.simulator.openSessions).toEqual([]);
    expect(page.simulator.openApiSessions).toHaveLength(1);
    await own.relay.close();
    expect(page.simulator.openApiSessions).toEqual([]);
  });
});

test.each(["6.7", "8.0", "9.1"] as const)(
  "a client finds the style of a vCenter %s through the relay",
  async (version) => {
    await using page = await openPage({}, { tls: true, version });
    await using client = clientOf(page, "auto");
    await client.library.list();
    await using own = await openPage({
      endpoint: page.simulator.url,
      thumbprint: page.simulator.certificate?.sha256 ?? "",
      auth: passwordAuth(page.simulator.credentials),
    });
    await using shared = clientOf(own, "auto", tokenAuth("any"));
    await shared.library.list();
    expect(await shared.wireStyle()).toBe(version === "6.7" ? "rest" : "api");
    expect(await client.wireStyle()).toBe(await shared.wireStyle());
  },
);

test("a transfer passes Range and If-Range, HEAD, and the vCenter's refusal", async () => {
  await using page = await openPage();
  await using client = clientOf(page);
  const lease = await client.lease("item-1");
  const { uri } = await lease.prepare(fileName);
  const whole = await trueBytes(page);
  const head = await page.fetch(uri, { method: "HEAD" });
  expect(head.headers.get("content-length")).toBe("3000001");
  const etag = head.headers.get("etag") ?? "";
  const part = await page.fetch(uri, { headers: { range: "bytes=1000000-1000999", "if-range": etag } });
  expect([part.status, part.headers.get("content-range")]).toEqual([206, "bytes 1000000-1000999/3000001"]);
  expect((await bytesOf(part)).equals(whole.subarray(1_000_000, 1_001_000))).toBe(true);
  const changed = await page.fetch(uri, { headers: { range: "bytes=1-", "if-range": '"another"' } });
  expect(changed.status).toBe(200);
  await changed.body?.cancel();
  expect((await page.fetch(uri, { headers: { range: "bytes=9000000-" } })).status).toBe(416);
  page.simulator.expireDownloadSessions();
  expect((await page.fetch(uri)).status).toBeGreaterThanOrEqual(400);
});

test("relayPlugin gives a server of Vite the relay, and leaves it all other paths", async () => {
  await using page = await openPage();
  const listeners: Parameters<MiddlewareServer["middlewares"]["use"]>[0][] = [];
  let close = (): void => undefined;
  const plugin = relayPlugin({
    endpoint: page.simulator.url,
    path,
    thumbprint: page.simulator.certificate?.sha256 ?? "",
  });
  plugin.configureServer({
    middlewares: { use: (listener) => listeners.push(listener) },
    httpServer: { once: (_, listener) => (close = listener) },
  });
  const left: unknown[] = [];
  const other = { url: "/index.html" } as Parameters<(typeof listeners)[0]>[0];
  listeners[0]?.(other, {} as Parameters<(typeof listeners)[0]>[1], () => left.push(other));
  expect(left).toEqual([other]);
  // As Connect and Express do where a listener is mounted at the path.
  await using mounted = await openServer((request, response) => {
    const originalUrl = request.url;
    request.url = request.url?.slice(path.length);
    listeners[0]?.(Object.assign(request, { originalUrl }), response, () => left.push(request));
  });
  expect((await fetch(`${mounted.origin}${path}/api/content/library`)).status).toBe(401);
  expect(left).toEqual([other]);
  close();
});
