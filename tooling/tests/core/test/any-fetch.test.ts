import { createClient, passwordAuth } from "@carrel/core";
import type { ClientOptions, WireStyle } from "@carrel/core";
import { createNodeFetch } from "@carrel/node-stream";
import { startSimulator } from "@carrel/simulator";
import nodeFetch from "node-fetch";
import { fetch as undici6 } from "undici-6";
import { fetch as undici7 } from "undici-7";
import { fetch as undici8 } from "undici-8";
import { describe, expect, test } from "vitest";

type Fetch = NonNullable<ClientOptions["fetch"]>;

const libraries = [{ name: "images", items: [{ name: "one", files: [{ name: "a.txt", text: "a" }] }] }];
// Their classes are their own, so their types do not fit; what they do does.
const fetches = { undici6, undici7, undici8, nodeFetch, global: globalThis.fetch } as unknown as Record<string, Fetch>;
const styles: readonly WireStyle[] = ["api", "rest"];
const cases = Object.keys(fetches).flatMap((name) => styles.map((style) => ({ name, style })));

function fetchOf(name: string): Fetch {
  const found = fetches[name];
  if (!found) throw new Error(`no fetch ${name}`);
  return found;
}

describe.each(cases)("$name as the fetch, style $style", ({ name, style }) => {
  const fetch = fetchOf(name);

  test("performs calls with and without a body, and a lease, with interceptors or without", async () => {
    await using simulator = await startSimulator({ version: style === "api" ? "8.0" : "6.7", libraries });
    const seen: string[] = [];
    for (const interceptors of [
      [],
      [
        async (request: Request, next: (request: Request) => Promise<Response>): Promise<Response> => {
          request.headers.set("x-request-tag", "nightly");
          seen.push(`${request.method} ${new URL(request.url).pathname}`);
          return next(request);
        },
      ],
    ]) {
      const auth = passwordAuth(simulator.credentials);
      await using client = createClient({ endpoint: simulator.url, auth, fetch, interceptors });
      const [itemId = ""] = await client.item.find({ name: "one" });
      await using lease = await client.lease(itemId);
      expect(await lease.prepare("a.txt")).toMatchObject({ uri: expect.any(String) as string });
    }
    const tagged = simulator.journal.filter((exchange) => exchange.requestHeaders["x-request-tag"] === "nightly");
    expect(tagged.length).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(4);
    expect(simulator.openSessions).toEqual([]);
    expect(simulator.openApiSessions).toEqual([]);
  });

  test("stops when the caller's signal aborts, and reports why a server cannot be reached", async () => {
    await using simulator = await startSimulator({ version: style === "api" ? "8.0" : "6.7", libraries });
    const auth = passwordAuth(simulator.credentials);
    await using client = createClient({ endpoint: simulator.url, auth, fetch, wire: style });
    const controller = new AbortController();
    const reason = new Error("enough");
    client.onDiagnostic((event) => {
      if (event.type === "request" && event.operation === "library.list") controller.abort(reason);
    });
    await expect(client.library.list({ signal: controller.signal })).rejects.toBe(reason);
    await using nowhere = createClient({
      endpoint: "http://127.0.0.1:1",
      auth,
      fetch,
      wire: style,
      retry: { limit: 0 },
    });
    await expect(nowhere.library.list()).rejects.toMatchObject({ code: "TRANSPORT" });
  });

  test("reports a certificate that it does not accept, once", async () => {
    await using simulator = await startSimulator({ tls: true, libraries });
    const auth = passwordAuth(simulator.credentials);
    const retries: unknown[] = [];
    await using client = createClient({ endpoint: simulator.url, auth, fetch, wire: style });
    client.onDiagnostic((event) => event.type === "retry" && retries.push(event));
    await expect(client.library.list()).rejects.toMatchObject({
      name: "CertificateError",
      code: "CERTIFICATE",
      problem: "not-valid",
      retryable: false,
      host: simulator.url.host,
      message: expect.stringMatching(
        /^The certificate of [\w.:]+ is not accepted: .*self-signed certificate$/,
      ) as string,
    });
    expect(retries).toEqual([]);
  });
});

test("createNodeFetch takes a URL and an init", async () => {
  await using simulator = await startSimulator({ tls: true, libraries });
  await using fetch = createNodeFetch({ proxy: false, thumbprint: simulator.certificate?.sha256 ?? "" });
  await using client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials), fetch });
  expect(await client.library.list()).toHaveLength(1);
});
