import { inspect } from "node:util";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createClient, passwordAuth, samlAuth, tokenAuth } from "../../src/index.ts";
import type { DiagnosticEvent } from "../../src/index.ts";
import { manualClock } from "../support/manual-clock.ts";
import type { Received, Scripted } from "../support/scripted-server.ts";
import { startScriptedServer } from "../support/scripted-server.ts";
import { isSessionRequest, testClient, withLogin } from "../support/test-client.ts";

const unauthenticated: Scripted = {
  status: 401,
  body: { error_type: "UNAUTHENTICATED", messages: [{ id: "a", default_message: "Who are you?", args: [] }] },
};

/** Gives out token-1, token-2 ... and accepts those that `accepts` likes. */
function tokenServer(accepts: (token: string) => boolean): (request: Received) => Scripted {
  let given = 0;
  return (request) => {
    if (isSessionRequest(request) && request.method === "POST") {
      given += 1;
      return { status: 201, body: JSON.stringify(`token-${given}`), headers: { "content-type": "application/json" } };
    }
    if (isSessionRequest(request)) return { status: 204 };
    return accepts(String(request.headers["vmware-api-session-id"])) ? { status: 200, body: [] } : unauthenticated;
  };
}

const logins = (received: readonly Received[]): readonly Received[] =>
  received.filter((request) => isSessionRequest(request) && request.method === "POST");

describe("a client that logs in with a password", () => {
  test("sends UTF-8 credentials, logs in once for many calls, and logs out when closed", async () => {
    await using server = await startScriptedServer(tokenServer(() => true));
    {
      await using client = testClient(server.origin, {
        auth: passwordAuth(() => ({ username: "jürgen", password: "päss:wörd" })),
      });
      await Promise.all(Array.from({ length: 20 }, () => client.library.list()));
    }
    expect(logins(server.received)).toHaveLength(1);
    const authorization = String(logins(server.received)[0]?.headers.authorization);
    expect(Buffer.from(authorization.replace("Basic ", ""), "base64").toString()).toBe("jürgen:päss:wörd");
    expect(server.received.at(-1)).toMatchObject({ method: "DELETE", headers: { "vmware-api-session-id": "token-1" } });
  });

  test("logs in again, once, when a hundred calls are refused by a session that has ended", async () => {
    await using server = await startScriptedServer(tokenServer((token) => token !== "token-1"));
    await using client = testClient(server.origin);
    const events: DiagnosticEvent[] = [];
    client.onDiagnostic((event) => event.type === "login" && events.push(event));
    await Promise.all(Array.from({ length: 100 }, () => client.library.list()));
    expect(logins(server.received)).toHaveLength(2);
    expect(events).toEqual([
      { type: "login", renewed: false },
      { type: "login", renewed: true },
    ]);
  });

  test("does not try a refused login again, for any number of calls", async () => {
    await using server = await startScriptedServer(() => unauthenticated);
    await using client = testClient(server.origin);
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => client.library.list()));
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({
        status: "rejected",
        reason: { code: "AUTH", message: expect.stringContaining("Who are you?") as string },
      });
    await expect(client.library.list()).rejects.toMatchObject({ code: "AUTH" });
    expect(server.received).toHaveLength(1);
  });

  test.each<[string, Scripted]>([
    [
      "busy, in the vendor's words",
      {
        status: 503,
        body: {
          error_type: "SERVICE_UNAVAILABLE",
          messages: [{ id: "full", default_message: "Too many sessions.", args: [] }],
        },
      },
    ],
    ["busy, without a word", { status: 503 }],
    ["a cut connection", (response) => void response.destroy()],
  ])(
    "attempts a login once for all calls that wait, and not again for each of their attempts: %s",
    async (_, answer) => {
      await using server = await startScriptedServer(() => answer);
      await using client = testClient(server.origin);
      const calls = Array.from({ length: 10 }, () => client.library.list().catch((error: unknown) => error));
      const errors = await Promise.all([...calls, client.lease("item-1").catch((error: unknown) => error)]);
      expect(new Set(errors).size).toBe(1);
      expect(errors[0]).toMatchObject({ code: expect.stringMatching(/BUSY|TRANSPORT/) as string });
      expect(server.received).toHaveLength(5);
      await expect(client.library.list()).rejects.toMatchObject({ retryable: true });
      expect(server.received).toHaveLength(10);
    },
  );

  test("logs in when a busy server becomes ready within the attempts", async () => {
    const serve = tokenServer(() => true);
    let requests = 0;
    await using server = await startScriptedServer((request) => (++requests <= 3 ? { status: 503 } : serve(request)));
    await using client = testClient(server.origin);
    expect(await client.library.list()).toEqual([]);
  });

  test("does not attempt a login again once the client is closed", async () => {
    const clock = manualClock();
    await using server = await startScriptedServer(() => ({ status: 503 }));
    const client = testClient(server.origin, { clock, retry: { baseDelayMs: 60_000 } });
    const retried = new Promise((resolve) => {
      client.onDiagnostic((event) => event.type === "retry" && resolve(event));
    });
    const list = client.library.list().catch((error: unknown) => error);
    await retried;
    await client[Symbol.asyncDispose]();
    expect(String(await list)).toContain("the client is closed");
    expect(server.received).toHaveLength(1);
    expect(clock.pending).toEqual([]);
  });

  test.each([
    ["cut off", '"5f2c9d0e8a7b6c5d', "is not JSON"],
    ["bare", "5f2c9d0e8a7b6c5d", "is not JSON"],
    ["in the other style's envelope", '{"value":"5f2c9d0e8a7b6c5d"}', "is not a string"],
    ["in an array", '["5f2c9d0e8a7b6c5d"]', "is not a string"],
    ["in a page", "<p>5f2c9d0e8a7b6c5d</p>", "is not JSON"],
  ])("does not quote the answer to a login: %s", async (_, body, why) => {
    await using server = await startScriptedServer((request) => ({
      status: request.method === "POST" ? 201 : 204,
      body,
      headers: { "content-type": "application/json; x=5f2c9d0e8a7b6c5d" },
    }));
    await using client = testClient(server.origin);
    const error: unknown = await client.library.list().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "PROTOCOL", message: expect.stringContaining(why) as string });
    expect((error as Error).message).toContain(`${body.length} characters`);
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain("5f2c9d0e");
    // The session is there, and its id can be made out: it is ended.
    expect(server.received.map(({ method, headers }) => [method, headers["vmware-api-session-id"]])).toEqual([
      ["POST", undefined],
      ["DELETE", "5f2c9d0e8a7b6c5d"],
    ]);
  });

  test("gives up where a new session is refused as well", async () => {
    await using server = await startScriptedServer(tokenServer(() => false));
    await using client = testClient(server.origin);
    await expect(client.library.list()).rejects.toMatchObject({ code: "AUTH", errorType: "UNAUTHENTICATED" });
    expect(logins(server.received)).toHaveLength(2);
  });

  test("hides its secrets in a call that ends after the client was closed", async () => {
    let answer: (() => void) | undefined;
    const secret = "correct horse token-1";
    await using server = await startScriptedServer(
      withLogin(() => (response) => {
        const message = { id: secret, default_message: secret, args: [secret] };
        answer = () => response.writeHead(400).end(JSON.stringify({ error_type: "ERROR", messages: [message] }));
      }),
    );
    const client = testClient(server.origin);
    const list = client.library.list().catch((error: unknown) => error);
    await expect.poll(() => answer).toBeDefined();
    await client.close();
    answer?.();
    const error = await list;
    expect(error).toMatchObject({ code: "REJECTED", message: expect.stringContaining("[redacted]") as string });
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toMatch(/correct horse|token-1/);
  });

  test("logs out of all its API sessions, including one that a transfer rejected", async () => {
    let count = 0;
    await using server = await startScriptedServer((request) =>
      request.method === "DELETE"
        ? { status: 204 }
        : { status: 201, body: JSON.stringify(`token-${++count}`), headers: { "content-type": "application/json" } },
    );
    const client = testClient(server.origin);
    const first = await client.sessionToken();
    const [second] = await Promise.all([1, 2].map(async () => client.sessionToken({ rejected: first })));
    expect([first, second, count]).toEqual(["token-1", "token-2", 2]);
    await client.close();
    const ended = server.received.filter((request) => request.method === "DELETE");
    expect(new Set(ended.map(({ headers }) => headers["vmware-api-session-id"]))).toEqual(new Set([first, second]));
  });

  test("closes once, by close() as by disposal, and a second call waits for the first", async () => {
    await using server = await startScriptedServer(tokenServer(() => true));
    const { close, library } = testClient(server.origin);
    await library.list();
    await Promise.all([close(), close()]);
    await close();
    await expect(library.list()).rejects.toThrow("library.list: the client is closed");
    expect(server.received.filter((request) => request.method === "DELETE")).toHaveLength(1);
  });

  test("sends nothing when closed without a call, and refuses later calls", async () => {
    await using server = await startScriptedServer(tokenServer(() => true));
    const client = testClient(server.origin);
    await client[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
    await expect(client.library.list()).rejects.toThrow("library.list: the client is closed");
    expect(server.received).toEqual([]);
  });

  test("does not log in again for a call after it was closed", async () => {
    await using server = await startScriptedServer(tokenServer(() => true));
    const client = testClient(server.origin);
    await client.library.list();
    await client[Symbol.asyncDispose]();
    await expect(client.sessionToken()).rejects.toThrow("the client is closed");
    expect(logins(server.received)).toHaveLength(1);
    expect(server.received.at(-1)).toMatchObject({ method: "DELETE" });
  });

  test("shows no secret in diagnostic events, whatever happens", async () => {
    await using server = await startScriptedServer(tokenServer((token) => token === "token-2"));
    const seen: unknown[] = [];
    const logger = {
      debug: (...line: unknown[]) => void seen.push(line),
      warn: (...line: unknown[]) => void seen.push(line),
    };
    {
      await using client = testClient(server.origin, { logger });
      client.onDiagnostic((event) => void seen.push(event));
      await client.library.list();
    }
    expect(seen.length).toBeGreaterThan(5);
    expect(JSON.stringify(seen)).not.toMatch(/token-\d|correct horse|Y29ycmVjd/);
  });
});

describe("a client with an existing API session", () => {
  test("uses the session and does not end it", async () => {
    await using server = await startScriptedServer(tokenServer((token) => token === "mine"));
    {
      await using client = testClient(server.origin, { auth: tokenAuth("mine") });
      expect(await client.library.list()).toEqual([]);
    }
    expect(server.received).toHaveLength(1);
  });

  test("reports that the session has ended", async () => {
    await using server = await startScriptedServer(() => unauthenticated);
    await using client = testClient(server.origin, { auth: tokenAuth("mine") });
    await expect(client.library.list()).rejects.toMatchObject({
      code: "AUTH",
      message: expect.stringContaining("has ended") as string,
    });
  });

  test("refuses an empty session id", () => {
    expect(() => tokenAuth("")).toThrow(TypeError);
  });
});

describe("a client with a SAML assertion", () => {
  test("sends the assertion compressed", async () => {
    await using server = await startScriptedServer(tokenServer(() => true));
    await using client = testClient(server.origin, { auth: samlAuth("<Assertion>é</Assertion>") });
    await client.library.list();
    const [, encoded] = /^SIGN token="([^"]+)"$/.exec(String(logins(server.received)[0]?.headers.authorization)) ?? [];
    expect(gunzipSync(Buffer.from(encoded ?? "", "base64")).toString()).toBe("<Assertion>é</Assertion>");
  });

  test("refuses a holder-of-key assertion before anything is sent", async () => {
    await using server = await startScriptedServer(tokenServer(() => true));
    await using client = testClient(server.origin, {
      auth: samlAuth('<C Method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"/>'),
    });
    await expect(client.library.list()).rejects.toThrow("holder-of-key");
    expect(server.received).toEqual([]);
  });
});

describe("createClient", () => {
  const auth = tokenAuth("t");
  test.each([
    [
      "not a url",
      'must be a host or the URL of one, such as vc.example.test or https://vc.example.test: got "not a url"',
    ],
    ["", "endpoint must not be empty"],
    ["  ", "endpoint must not be empty"],
    ["//vc.example.test", "must be a host or the URL of one"],
    ["/\\vc.example.test", "must be a host or the URL of one"],
    ["https://", "must be a host or the URL of one"],
    ["vc:99999", "must be a host or the URL of one"],
    ["vc.example.test?a=1", "without query or fragment: such as https://vc.example.test/"],
    ["/vc/lab#top", "without query or fragment"],
    ["user:pass@vc.example.test", "must not contain credentials"],
    ["https://user:pa/ss:pass@vc.example.test", "must not contain credentials"],
    ["user@corp:p@ss pass@vc", "must not contain credentials"],
    ["ftp://vc.example.test", "must be an https or http URL: got the scheme ftp:"],
    ["https://user:pass@vc.example.test", "must not contain credentials"],
    ["https://vc.example.test/vc/?a=1", "without query or fragment: such as https://vc.example.test/vc/"],
  ])("refuses the endpoint %s", (endpoint, message) => {
    expect(() => createClient({ endpoint, auth })).toThrow(TypeError);
    expect(() => createClient({ endpoint, auth })).toThrow(message);
    expect(() => createClient({ endpoint, auth })).not.toThrow("pass");
  });

  test.each([undefined, null, 7, {}])("refuses the endpoint %j, of another type", (endpoint) => {
    expect(() => createClient({ endpoint: endpoint as string, auth })).toThrow(
      /^endpoint must be a string or a URL: got (?:undefined|null|7|an object)$/,
    );
  });

  test.each([
    ["vc.example.test", "https://vc.example.test"],
    [" VC.example.test\n", "https://vc.example.test"],
    ["vc:8443", "https://vc:8443"],
    ["localhost:443/", "https://localhost"],
    ["192.0.2.7", "https://192.0.2.7"],
    ["192.0.2.7:8443", "https://192.0.2.7:8443"],
    ["[::1]", "https://[::1]"],
    ["[2001:db8::7]:8443", "https://[2001:db8::7]:8443"],
    ["::1", "https://[::1]"],
    ["2001:db8::7", "https://[2001:db8::7]"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
    ["HTTPS://vc.example.test/", "https://vc.example.test"],
    ["ui.example.test/vc/lab", "https://ui.example.test"],
    ["/vc/lab", ""],
    [new URL("https://vc.example.test:9443/"), "https://vc.example.test:9443"],
  ])("takes the endpoint %s for %s", (endpoint, origin) => {
    expect(createClient({ endpoint, auth }).origin).toBe(origin);
  });

  test.each([
    [undefined, "is undefined, as when nothing was found"],
    [null, "must be a string: got null"],
    [7, "must be a string: got 7"],
    ["", "is empty, as when nothing was found"],
    ["\ud800", "half of a surrogate pair"],
  ])("refuses the identifier %j before anything is sent", async (id, message) => {
    await using server = await startScriptedServer(() => ({ status: 200 }));
    await using client = testClient(server.origin);
    await expect(client.library.get(id as string)).rejects.toThrow(TypeError);
    await expect(client.library.get(id as string)).rejects.toThrow(message);
    await expect(client.library.find([] as never)).rejects.toThrow("must be an object: got an array");
    await expect(client.library.list({ attemptTimeoutMs: 0 })).rejects.toThrow(
      new RangeError("attemptTimeoutMs must be a number above 0: got 0"),
    );
    expect(server.received).toEqual([]);
  });

  test("refuses a wire style that does not exist", () => {
    expect(() => createClient({ endpoint: "vc.example.test", auth, wire: "soap" as "rest" })).toThrow(
      new TypeError('wire must be "api", "rest" or "auto": got "soap"'),
    );
  });

  test("runs interceptors around each attempt, outermost first, with the call's context", async () => {
    await using server = await startScriptedServer(() => ({ status: 200, body: [] }));
    const order: string[] = [];
    await using client = testClient(server.origin, {
      auth,
      interceptors: [
        async (request, next, call) => {
          order.push(`outer ${call.operation} ${String(call.context["why"])}`);
          const response = await next(request);
          order.push(`outer ${response.status}`);
          return response;
        },
        (request, next) => {
          order.push("inner");
          request.headers.set("x-tag", "nightly");
          return next(request);
        },
      ],
    });
    await client.library.list({ context: { why: "test" } });
    expect(order).toEqual(["outer library.list test", "inner", "outer 200"]);
    expect(server.received[0]?.headers["x-tag"]).toBe("nightly");
  });
});
