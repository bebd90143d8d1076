import { setImmediate } from "node:timers/promises";
import { operations } from "@carrel/core/operations";
import { send } from "@carrel/test-kit";
import type { Sent } from "@carrel/test-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findCall } from "../src/allowed-calls.ts";
import { createRelay } from "../src/index.ts";
import type { RelayOptions } from "../src/index.ts";
import { openPage, path } from "./support/open-page.ts";
import type { OpenPage } from "./support/open-page.ts";
import { json, startScriptedVcenter } from "./support/scripted-vcenter.ts";

const library = `${path}/api/content/library`;

describe("the relay refuses", () => {
  let page: OpenPage;
  beforeAll(async () => {
    page = await openPage();
  });
  afterAll(() => page[Symbol.asyncDispose]());

  const post = (headers: Sent["headers"] = {}, body = "{}"): Sent => ({
    method: "POST",
    path: `${library}?action=find`,
    headers: { "content-type": "application/json", ...headers },
    body,
  });

  test.each<[string, number, Sent]>([
    ["a name that was made to resolve to it", 421, { path: library, headers: { host: "evil.test" } }],
    ["such a name with its port", 421, { path: library, headers: { host: "evil.test:80" } }],
    ["a host that is none", 421, { path: library, headers: { host: "127.0.0.1:x" } }],
    ["a page of another origin", 403, post({ origin: "https://evil.test" })],
    ["a page on another port of the same host", 403, post({ origin: "http://127.0.0.1:1" })],
    ["a page without an origin", 403, post({ origin: "null" })],
    ["a POST that does not say where it is from", 403, post()],
    ["a GET of another site", 403, { path: library, headers: { "sec-fetch-site": "cross-site" } }],
    ["a GET of another port", 403, { path: library, headers: { "sec-fetch-site": "same-site" } }],
    ["a transfer that it has not seen", 404, { path: `${path}/transfer/${"a".repeat(32)}/d.iso` }],
    ["another service of the vCenter", 404, { path: `${path}/api/vcenter/vm` }],
    ["a path beside its own", 404, { path: "/vc/labs/api/content/library" }],
    ["a path that leads out of the service", 404, { path: `${library}/../../vcenter/vm` }],
    ["an escaped path that leads out", 404, { path: `${library}/%2e%2e%2f%2e%2e%2fvcenter` }],
    ["an escaped slash in an identifier", 404, { path: `${library}/a%2Fb` }],
    ["another action", 404, { path: `${library}?action=delete` }],
    ["a parameter that the operation has not", 404, { path: `${library}?filter=1` }],
    ["a parameter twice", 404, { path: `${path}/api/content/library/item?library_id=a&library_id=b` }],
    ["another method", 404, { path: library, method: "HEAD" }],
  ])("%s (%i)", async (_, status, sent) => {
    const answer = await send(page.origin, sent);
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain(page.simulator.url.port);
    expect(answer.headers["content-security-policy"]).toContain("sandbox");
    expect(page.simulator.journal).toEqual([]);
  });

  test("a body above 1 MiB (413), whatever its headers say", async () => {
    const headers = { origin: page.origin, "transfer-encoding": "chunked" };
    expect((await send(page.origin, post(headers, " ".repeat(1024 ** 2 + 1)))).status).toBe(413);
    expect(page.simulator.journal).toEqual([]);
  });

  test("a certificate that is not the pinned one (502), and tells only the server why", async () => {
    const errors: Error[] = [];
    await using other = await openPage({
      endpoint: page.simulator.url,
      thumbprint: "00".repeat(32),
      onError: (error) => errors.push(error),
    });
    const answer = await send(other.origin, { path: library });
    expect([answer.status, answer.text]).toEqual([502, "The relay has no answer from the vCenter"]);
    expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining("is not the pinned one")]);
    expect(page.simulator.journal).toEqual([]);
  });
});

test("findCall finds each operation in both styles, and for no request another one", () => {
  const fill = (text: string): string => text.replaceAll(/\{\w+\}/gu, "8c6e:1f.0-x");
  for (const operation of Object.values(operations)) {
    for (const style of ["api", "rest"] as const) {
      const route = operation[style];
      const query = new URLSearchParams(route.query.map((name) => [name, "a&b"]));
      if (route.action !== undefined) query.set(style === "api" ? "action" : "~action", route.action);
      const found = findCall(route.method, fill(`/${style}${route.path}`), query);
      expect([found?.operation.id, found?.style]).toEqual([operation.id, style]);
      expect(found?.target.includes("a&b")).toBe(false);
    }
  }
});

const relayOf = (endpoint: string, options: Partial<RelayOptions> = {}) =>
  createRelay({ endpoint, path, proxy: false, ...options });
const get = (target: string, init: RequestInit = {}): Request => new Request(`http://localhost${path}${target}`, init);

test("a login is kept on the server: the page gets a cookie, and of all headers only those that an operation has", async () => {
  await using vcenter = await startScriptedVcenter((response, request) => {
    response.setHeader("set-cookie", "vmware-api-session-id=secret-1");
    if (request.url === "/api/session") json(response, request.method === "POST" ? "secret-1" : null, 201);
    else response.writeHead(200, { "content-type": "text/html" }).end("<script>1</script>");
  });
  await using relay = relayOf(vcenter.origin);
  const headers = {
    origin: "https://localhost",
    authorization: "Basic cmVhZGVyOnB3",
    cookie: "carrel-relay=planted",
    "vmware-api-session-id": "planted",
    "x-forwarded-for": "10.0.0.1",
  };
  const login = await relay.fetch(get("/api/session", { method: "POST", headers: { ...headers, host: "localhost" } }));
  expect([login.status, await login.json()]).toEqual([201, "kept-by-the-relay"]);
  const cookie = login.headers.get("set-cookie") ?? "";
  expect(cookie).toMatch(/^carrel-relay=[\w-]{32}; Path=\/vc\/lab; HttpOnly; SameSite=Strict; Secure$/u);
  const list = await relay.fetch(get("/api/content/library", { headers: { ...headers, cookie } }));
  expect([list.headers.get("content-type"), list.headers.get("set-cookie")]).toEqual([
    "text/plain; charset=utf-8",
    null,
  ]);
  const stranger = await relay.fetch(get("/api/content/library", { headers }));
  expect(stranger.status).toBe(200);
  const [first, second, third] = vcenter.received.map((each) => each.headers);
  expect(first).toMatchObject({ authorization: headers.authorization });
  expect(first).not.toHaveProperty("vmware-api-session-id");
  expect(second).toMatchObject({ "vmware-api-session-id": "secret-1" });
  expect(third).not.toHaveProperty("vmware-api-session-id");
  for (const each of [second, third]) {
    for (const name of ["authorization", "cookie", "x-forwarded-for", "origin"]) expect(each).not.toHaveProperty(name);
  }
});

/** Answers every file as prepared, at the given URL, and the URL by the test. */
const prepared = (uri: (origin: string) => string, transfer: Parameters<typeof startScriptedVcenter>[0]) =>
  startScriptedVcenter((response, request) => {
    const origin = `http://${request.headers.host}`;
    if (!request.url?.startsWith("/api/")) transfer(response, request);
    else
      json(response, [
        {
          name: "d.html",
          status: "PREPARED",
          download_endpoint: { uri: uri(origin), ssl_certificate_thumbprint: "AA".repeat(20) },
        },
      ]);
  });
const files = "/api/content/library/item/download-session/s-1/file";

async function pathOf(relay: { fetch: (request: Request) => Promise<Response> }): Promise<string | undefined> {
  const [file] = (await (await relay.fetch(get(files))).json()) as { download_endpoint?: { uri: string } }[];
  return file?.download_endpoint?.uri.slice(path.length);
}

test.each([
  ["a redirect of a transfer", (response) => response.writeHead(302, { location: "http://10.0.0.1/cls/data/x" }).end()],
  ["a page instead of a transfer", (response) => response.writeHead(503).end("<script>1</script>")],
] satisfies [string, Parameters<typeof startScriptedVcenter>[0]][])(
  "%s does not reach the page",
  async (_, transfer) => {
    await using vcenter = await prepared((origin) => `${origin}/cls/data/secret/d.html`, transfer);
    await using relay = relayOf(vcenter.origin);
    const answer = await relay.fetch(get((await pathOf(relay)) ?? ""));
    expect(vcenter.received.at(-1)?.line).toBe("GET /cls/data/secret/d.html");
    expect(answer.status).toBeGreaterThanOrEqual(502);
    expect([answer.headers.get("location"), await answer.text()].join("")).not.toMatch(/cls|script/u);
  },
);

test("a location on a datastore is left out, and a link-local address is not connected to", async () => {
  await using datastore = await prepared(
    () => "ds:///vmfs/volumes/secret/d.html",
    () => undefined,
  );
  await using relay = relayOf(datastore.origin);
  expect(await pathOf(relay)).toBeUndefined();
  await using metadata = await prepared(
    () => "http://169.254.169.254/latest/meta-data",
    () => undefined,
  );
  const errors: Error[] = [];
  await using other = relayOf(metadata.origin, { onError: (error) => errors.push(error) });
  expect((await other.fetch(get((await pathOf(other)) ?? ""))).status).toBe(502);
  expect(errors[0]?.message).toContain("link-local");
});

test("an answer above 16 MiB, and a redirect of an operation, are not passed on", async () => {
  await using vcenter = await startScriptedVcenter((response, { url }) => {
    if (url?.endsWith("library")) response.writeHead(200).end(" ".repeat(16 * 1024 ** 2 + 1));
    else response.writeHead(307, { location: "https://10.0.0.1/" }).end();
  });
  await using relay = relayOf(vcenter.origin);
  for (const target of ["/api/content/library", "/api/content/local-library"]) {
    const answer = await relay.fetch(get(target));
    expect([answer.status, answer.headers.get("location")]).toEqual([502, null]);
  }
});

test("a transfer is read from the vCenter only as fast as the page reads it, and ends when the page goes", async () => {
  const chunk = Buffer.alloc(65_536);
  let sentBytes = 0;
  const closed = Promise.withResolvers<void>();
  await using vcenter = await prepared(
    (origin) => `${origin}/cls/data/secret/d.html`,
    (response) => {
      response.on("close", closed.resolve);
      const write = (): void => {
        while (!response.destroyed && response.write(chunk)) sentBytes += chunk.length;
        sentBytes += chunk.length;
        response.once("drain", write);
      };
      write();
    },
  );
  await using relay = relayOf(vcenter.origin);
  const answer = await relay.fetch(get((await pathOf(relay)) ?? ""));
  const reader = answer.body?.getReader();
  await reader?.read();
  // Without back-pressure every turn of the event loop would bring more.
  for (let turn = 0; turn < 3_000; turn += 1) await setImmediate();
  expect(sentBytes).toBeLessThan(32 * 1024 ** 2);
  await reader?.cancel();
  await closed.promise;
});

test.each([
  [{ path: "vc" }, "path must be a path such as /vc/lab"],
  [{ path: "/" }, "path must be a path"],
  [{ endpoint: "ftp://vc" }, "endpoint must be an https or http URL"],
  [{ thumbprint: "xyz" }, "Invalid thumbprint"],
])("createRelay refuses %j", (options, message) => {
  expect(() => relayOf("vc.example.test", options)).toThrow(message);
});
