import { describe, expect, test } from "vitest";
import type { DiagnosticEvent } from "../../src/index.ts";
import { ProtocolError } from "../../src/index.ts";
import { manualClock } from "../support/manual-clock.ts";
import type { Scripted } from "../support/scripted-server.ts";
import { startScriptedServer } from "../support/scripted-server.ts";
import { testClient, withLogin } from "../support/test-client.ts";

const unauthenticated: Scripted = { status: 401, body: { error_type: "UNAUTHENTICATED", messages: [] } };

test("wireStyle is api for a server that requires a login below /api, and is probed once", async () => {
  await using server = await startScriptedServer(
    withLogin((request) => (request.headers["vmware-api-session-id"] ? { status: 200, body: [] } : unauthenticated)),
  );
  const events: DiagnosticEvent[] = [];
  await using client = testClient(server.origin, { wire: "auto" });
  client.onDiagnostic((event) => events.push(event));
  await Promise.all([client.library.list(), client.library.list(), client.wireStyle()]);
  expect(await client.wireStyle()).toBe("api");
  expect(
    server.received.filter((request) => !request.headers["vmware-api-session-id"] && request.method === "GET"),
  ).toHaveLength(1);
  expect(events.filter((event) => event.type === "style")).toEqual([{ type: "style", style: "api", status: 401 }]);
});

test("wireStyle is rest for a server that knows only /rest", async () => {
  await using server = await startScriptedServer(
    withLogin((request) => {
      if (request.target.startsWith("/api")) return { status: 404, body: "404 page not found" };
      return request.headers["vmware-api-session-id"] ? { status: 200, body: { value: null } } : { status: 401 };
    }),
  );
  await using client = testClient(server.origin, { wire: "auto" });
  expect(await client.library.list()).toEqual([]);
  expect(await client.wireStyle()).toBe("rest");
});

test.each<[string, Scripted]>([
  ["a web page", { status: 200, body: "<html>Welcome</html>", headers: { "content-type": "text/html" } }],
  ["a login page behind a 401", { status: 401, body: "<html>Log in</html>", headers: { "content-type": "text/html" } }],
  ["another API", { status: 404, body: { hello: "world" } }],
  ["nothing", { status: 404 }],
])("wireStyle rejects %s as not a vCenter, and is probed again later", async (_, scripted) => {
  await using server = await startScriptedServer(() => scripted);
  await using client = testClient(server.origin, { wire: "auto" });
  await expect(client.library.list()).rejects.toThrow(ProtocolError);
  await expect(client.library.list()).rejects.toThrow(/does not answer like a vCenter/);
  expect(server.received.length).toBe(4);
});

const page: Scripted = {
  status: 503,
  body: "<html>503 Service Unavailable</html>",
  headers: { "content-type": "text/html" },
};

describe("a vCenter that is starting", () => {
  /** Answers the first requests as a proxy does whose services are not up yet, then as a vCenter of the modern style. */
  const starting = (count: number, answer: Scripted) => {
    let requests = 0;
    return withLogin((request) => {
      requests += 1;
      if (requests <= count) return answer;
      if (request.target.startsWith("/rest")) return { status: 401 };
      return request.headers["vmware-api-session-id"] ? { status: 200, body: [] } : unauthenticated;
    });
  };

  test.each<[string, Scripted]>([
    ["503 as plain text", { status: 503, body: "no healthy upstream" }],
    ["503 as a page", page],
    ["502 as a page", { status: 502, body: "<html>Bad gateway</html>", headers: { "content-type": "text/html" } }],
    ["504", { status: 504 }],
    ["500 as a page", { status: 500, body: "<html>Oops</html>", headers: { "content-type": "text/html" } }],
    ["500 as some JSON", { status: 500, body: { error: "Internal" } }],
    ["429", { status: 429, body: "slow down" }],
    ["a vendor's error", { status: 503, body: { error_type: "SERVICE_UNAVAILABLE", messages: [] } }],
    ["a cut connection", (response) => void response.destroy()],
  ])("is probed again until its style is known: %s", async (_, answer) => {
    await using server = await startScriptedServer(starting(2, answer));
    await using client = testClient(server.origin, { wire: "auto" });
    expect(await client.library.list()).toEqual([]);
    expect(await client.wireStyle()).toBe("api");
  });

  test("is not mistaken for an old one because /rest is up first", async () => {
    let requests = 0;
    await using server = await startScriptedServer(
      withLogin((request) => {
        if (request.target.startsWith("/rest")) return { status: 401 };
        requests += 1;
        if (requests === 1) return page;
        return request.headers["vmware-api-session-id"] ? { status: 200, body: [] } : unauthenticated;
      }),
    );
    await using client = testClient(server.origin, { wire: "auto" });
    expect(await client.wireStyle()).toBe("api");
  });

  test.each<[string, Scripted, number]>([
    ["/api and /rest down", page, 5],
    ["plain text", { status: 503, body: "no healthy upstream" }, 5],
  ])("is reported as busy after one set of attempts: %s", async (_, answer, attempts) => {
    await using server = await startScriptedServer(() => answer);
    await using client = testClient(server.origin, { wire: "auto" });
    const outcomes = await Promise.allSettled([
      client.library.list(),
      client.item.list({ library_id: "l" }),
      client.wireStyle(),
    ]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        status: "rejected",
        reason: {
          code: "BUSY",
          retryable: true,
          status: 503,
          message: expect.stringMatching(
            /^The server is not available \(status 503\).*\(the vCenter may still be starting\)$/,
          ) as string,
        },
      });
    }
    expect(server.received).toHaveLength(attempts);
    await expect(client.library.list()).rejects.toMatchObject({ code: "BUSY" });
    expect(server.received).toHaveLength(2 * attempts);
  });

  test("is reported as busy at the login too, where the style is given", async () => {
    await using server = await startScriptedServer(() => page);
    await using client = testClient(server.origin);
    await expect(client.library.list()).rejects.toMatchObject({
      code: "BUSY",
      message: expect.stringContaining("may still be starting") as string,
    });
    expect(server.received).toHaveLength(5);
  });

  test("is retried after the time that it asks for", async () => {
    const clock = manualClock();
    await using server = await startScriptedServer(starting(1, { status: 503, headers: { "retry-after": "9" } }));
    await using client = testClient(server.origin, { wire: "auto", clock });
    const retried = new Promise<DiagnosticEvent>((resolve) => {
      client.onDiagnostic((event) => event.type === "retry" && resolve(event));
    });
    const style = client.wireStyle();
    expect(await retried).toMatchObject({ operation: "wireStyle", delayMs: 9_000, error: { code: "BUSY" } });
    clock.advance(9_000);
    expect(await style).toBe("api");
  });

  test("is no longer waited for once the client is closed", async () => {
    const clock = manualClock();
    await using server = await startScriptedServer(() => page);
    const client = testClient(server.origin, { wire: "auto", clock, retry: { baseDelayMs: 60_000 } });
    const retried = new Promise((resolve) => {
      client.onDiagnostic((event) => event.type === "retry" && resolve(event));
    });
    const list = client.library.list().catch((error: unknown) => error);
    await retried;
    await client[Symbol.asyncDispose]();
    expect(String(await list)).toContain("the client is closed");
    expect(clock.pending).toEqual([]);
  });
});

test("a call does not follow a redirect, with or without a session id", async () => {
  await using elsewhere = await startScriptedServer(() => ({ status: 200, body: [] }));
  await using server = await startScriptedServer(
    withLogin(() => ({ status: 307, headers: { location: `${elsewhere.origin}/api/content/library?secret=1` } })),
  );
  await using client = testClient(server.origin);
  await expect(client.library.list()).rejects.toThrow(`redirect to ${elsewhere.origin}, which is not followed`);
  expect(elsewhere.received).toEqual([]);
});
