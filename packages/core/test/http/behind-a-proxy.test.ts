import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createClient, tokenAuth } from "../../src/index.ts";
import type { DiagnosticEvent } from "../../src/index.ts";
import { startScriptedServer } from "../support/scripted-server.ts";
import type { Received, Scripted } from "../support/scripted-server.ts";
import { bothStyles, isSessionRequest, testClient, withLogin } from "../support/test-client.ts";

const prefix = "/vc/lab";

/** Answers below a prefix only, as a proxy does that has several vCenters. */
function below(answer: (request: Received, index: number) => Scripted) {
  return (request: Received, index: number): Scripted => {
    if (!request.target.startsWith(`${prefix}/`)) return { status: 404, body: "404 page not found" };
    return answer({ ...request, target: request.target.slice(prefix.length) }, index);
  };
}

const libraries = withLogin((request) => {
  if (!request.headers["vmware-api-session-id"]) return { status: 401, body: { error_type: "UNAUTHENTICATED" } };
  return { status: 200, body: request.target.startsWith("/rest") ? { value: ["l-1"] } : ["l-1"] };
});

const targets = (received: readonly Received[]): readonly string[] =>
  received.map(({ method, target }) => `${method} ${target}`);

test.each(bothStyles)("createClient reaches a vCenter below a path, in the style %s", async (wire) => {
  await using server = await startScriptedServer(below(libraries));
  await using client = testClient(`${server.origin}${prefix}/`, { wire });
  expect(await client.library.list()).toEqual(["l-1"]);
  expect(client.origin).toBe(server.origin);
  await using stranger = testClient(server.origin, { wire: "auto" });
  await expect(stranger.library.list()).rejects.toThrow(`${server.origin} does not answer like a vCenter`);
});

test("a client of a path can be made where there is no page, and its calls reject without a request", async () => {
  await using client = testClient(prefix, { wire: "auto" });
  expect(client.origin).toBe("");
  await expect(client.library.list()).rejects.toThrow(
    new TypeError("endpoint /vc/lab is relative: there is no page whose origin it is on"),
  );
});

test("mapTransferUrl replaces the transfer URLs of all answers, and a path is completed by the client's origin", async () => {
  const file = { name: "d.iso", status: "PREPARED", bytes_transferred: 1, download_endpoint: { uri: "" } };
  const uri = "https://vc.internal.test/cls/data/8c6e1f0e0d3b4a17/d #1.iso";
  await using server = await startScriptedServer(
    withLogin((request) => {
      const info = { ...file, download_endpoint: { uri, ssl_thumbprint: "AA" } };
      if (request.target.endsWith("/item/i/file")) {
        return {
          status: 200,
          body: [{ name: "d.iso", cached: true, version: "1", size: 1, file_download_endpoint: uri }],
        };
      }
      return {
        status: 200,
        body: request.target.includes("prepare") ? info : [info, { ...file, download_endpoint: null }],
      };
    }),
  );
  await using client = testClient(server.origin, {
    mapTransferUrl: (url) => url.replace("https://vc.internal.test", ""),
  });
  const mapped = `${server.origin}/cls/data/8c6e1f0e0d3b4a17/d #1.iso`;
  const prepared = await client.downloadSession.file.prepare("s", { file_name: "d.iso" });
  expect(prepared.download_endpoint).toEqual({ uri: mapped, ssl_thumbprint: "AA" });
  const listed = await client.downloadSession.file.list("s");
  expect(listed.map((each) => each.download_endpoint?.uri)).toEqual([mapped, undefined]);
  expect((await client.item.file.list("i"))[0]?.file_download_endpoint).toBe(mapped);
});

test.each([["a string", "/relay"]])("createClient refuses a mapTransferUrl that is %s", (_, given) => {
  const mapTransferUrl = given as unknown as (url: string) => string;
  expect(() => testClient("vc.example.test", { mapTransferUrl })).toThrow(TypeError);
});

describe("on a page", () => {
  let stop: (() => Promise<void>) | undefined;
  beforeEach(() => void (stop = undefined));
  afterEach(async () => {
    vi.unstubAllGlobals();
    await stop?.();
  });

  async function serve(answer: (request: Received, index: number) => Scripted) {
    const server = await startScriptedServer(answer);
    stop = async () => server[Symbol.asyncDispose]();
    vi.stubGlobal("location", { origin: server.origin });
    return server;
  }

  test("a path is on the page's origin, and the login finds the style without a request that is refused", async () => {
    const server = await serve(below(libraries));
    const events: DiagnosticEvent[] = [];
    await using client = testClient(prefix, { wire: "auto" });
    client.onDiagnostic((event) => events.push(event));
    expect(await Promise.all([client.library.list(), client.library.list()])).toEqual([["l-1"], ["l-1"]]);
    expect(client.origin).toBe(server.origin);
    expect(await client.wireStyle()).toBe("api");
    expect(targets(server.received)).toEqual([
      "POST /vc/lab/api/session",
      "GET /vc/lab/api/content/library",
      "GET /vc/lab/api/content/library",
    ]);
    expect(events.filter((event) => event.type === "style")).toEqual([{ type: "style", style: "api", status: 201 }]);
  });

  test("a session that exists is used to find the style", async () => {
    const server = await serve(libraries);
    await using client = createClient({ endpoint: "/", auth: tokenAuth("token-1") });
    expect(await client.library.list()).toEqual(["l-1"]);
    expect(targets(server.received)).toEqual(["GET /api/content/library"]);
  });

  test("a server of the legacy style is found by a probe after the login was not found", async () => {
    const server = await serve((request, index) => {
      if (request.target.startsWith("/api")) return { status: 404, body: "404 page not found" };
      return libraries(request, index);
    });
    await using client = testClient("/", { wire: "auto" });
    expect(await Promise.all([client.library.list(), client.library.list()])).toEqual([["l-1"], ["l-1"]]);
    expect(await client.wireStyle()).toBe("rest");
    expect(server.received.filter((request) => isSessionRequest(request)).map(({ target }) => target)).toEqual([
      "/api/session",
      "/rest/com/vmware/cis/session",
    ]);
  });

  test("a refused login is final: it is sent once", async () => {
    const server = await serve(() => ({ status: 401, body: { error_type: "UNAUTHENTICATED", messages: [] } }));
    await using client = testClient("/", { wire: "auto" });
    await expect(client.library.list()).rejects.toMatchObject({ code: "AUTH" });
    await expect(client.library.list()).rejects.toMatchObject({ code: "AUTH" });
    expect(targets(server.received)).toEqual(["POST /api/session"]);
  });

  test("a server that is not a vCenter is reported as such", async () => {
    await serve(() => ({ status: 200, body: "<html></html>", headers: { "content-type": "text/html" } }));
    await using client = testClient("/", { wire: "auto" });
    await expect(client.library.list()).rejects.toThrow("does not answer like a vCenter");
  });
});
