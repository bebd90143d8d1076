import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import type { DiagnosticEvent } from "../../src/index.ts";
import { TransportError } from "../../src/index.ts";
import { retryDelayMs, retryRules } from "../../src/http/retry.ts";
import { manualClock } from "../support/manual-clock.ts";
import type { Scripted } from "../support/scripted-server.ts";
import { startScriptedServer } from "../support/scripted-server.ts";
import { bothStyles, testClient, withLogin } from "../support/test-client.ts";

const cut: Scripted = (response) => response.destroy();
const away: Scripted = { status: 503 };
const many: Scripted = { status: 429, body: "slow down" };
const busy = (status: number): Scripted => ({
  status,
  body: { error_type: "RESOURCE_BUSY", messages: [{ id: "b", default_message: "Busy.", args: [] }] },
});
const timedOut: Scripted = { status: 500, body: { error_type: "TIMED_OUT", messages: [] } };
const session = (state: string): Scripted => ({ status: 200, body: { state } });
const created: Scripted = { status: 201, body: '"s:1"', headers: { "content-type": "application/json" } };

function then(...answers: Scripted[]): (request: unknown, index: number) => Scripted {
  return (_, index) => answers[Math.min(index, answers.length - 1)] ?? { status: 500 };
}

describe("a call that is safe to repeat", () => {
  test.each([
    ["a cut connection", cut],
    ["503", away],
    ["429", many],
    ["RESOURCE_BUSY as 400", busy(400)],
    ["RESOURCE_BUSY as 500", busy(500)],
    ["TIMED_OUT", timedOut],
  ])("is repeated after %s", async (_, failure) => {
    await using server = await startScriptedServer(withLogin(then(failure, failure, { status: 200, body: ["a"] })));
    await using client = testClient(server.origin);
    expect(await client.library.list()).toEqual(["a"]);
  });

  test("is not repeated where retrying will not help", async () => {
    await using server = await startScriptedServer(
      withLogin(then({ status: 404, body: { error_type: "NOT_FOUND", messages: [] } })),
    );
    await using client = testClient(server.origin);
    await expect(client.library.get("x")).rejects.toMatchObject({ code: "NOT_FOUND", retryable: false });
    expect(server.received.filter((request) => request.method === "GET")).toHaveLength(1);
  });

  test("gives up after the limit, with the last error", async () => {
    await using server = await startScriptedServer(withLogin(then(away)));
    await using client = testClient(server.origin, { retry: { limit: 2, baseDelayMs: 1 } });
    await expect(client.library.list()).rejects.toMatchObject({ code: "BUSY", retryable: true, status: 503 });
    expect(server.received.filter((request) => request.method === "GET")).toHaveLength(3);
  });

  test("is sent once where retries are disabled", async () => {
    await using server = await startScriptedServer(withLogin(then(cut)));
    await using client = testClient(server.origin, { retry: { limit: 0 } });
    await expect(client.library.list()).rejects.toThrow(TransportError);
    expect(server.received.filter((request) => request.method === "GET")).toHaveLength(1);
  });

  test("stops repeating when the caller's signal aborts, with the caller's reason", async () => {
    await using server = await startScriptedServer(withLogin(then(away)));
    await using client = testClient(server.origin, { retry: { baseDelayMs: 60_000, maxDelayMs: 60_000 } });
    const controller = new AbortController();
    const reason = new Error("enough");
    client.onDiagnostic((event) => event.type === "retry" && controller.abort(reason));
    await expect(client.library.list({ signal: controller.signal })).rejects.toBe(reason);
  });

  test("waits as long as Retry-After says", async () => {
    const clock = manualClock();
    await using server = await startScriptedServer(
      withLogin(then({ status: 503, headers: { "retry-after": "7" } }, { status: 200, body: [] })),
    );
    await using client = testClient(server.origin, { clock });
    const retried = new Promise<DiagnosticEvent>((resolve) =>
      client.onDiagnostic((event) => event.type === "retry" && resolve(event)),
    );
    const call = client.library.list();
    expect(await retried).toMatchObject({
      operation: "library.list",
      attempt: 1,
      delayMs: 7_000,
      error: { code: "BUSY" },
    });
    clock.advance(7_000);
    expect(await call).toEqual([]);
  });
});

describe("create", () => {
  test.each(bothStyles)("is repeated with the same client token (%s)", async (style) => {
    const legacy: Scripted = { status: 200, body: { value: "s:1" } };
    await using server = await startScriptedServer(withLogin(then(cut, style === "api" ? created : legacy)));
    await using client = testClient(server.origin, { wire: style });
    expect(await client.downloadSession.create({ library_item_id: "i" })).toBe("s:1");
    const creates = server.received.filter((request) => request.target.endsWith("/download-session"));
    const tokens = creates.map((request) =>
      style === "api"
        ? request.headers["client-token"]
        : (JSON.parse(request.body) as { client_token: string }).client_token,
    );
    expect(tokens).toHaveLength(2);
    expect(tokens[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(tokens[1]).toBe(tokens[0]);
  });

  test("uses the caller's client token and header names", async () => {
    await using server = await startScriptedServer(withLogin(then(created)));
    await using client = testClient(server.origin, { clientTokenHeaders: ["X-Token"] });
    await client.downloadSession.create({ library_item_id: "i" }, { clientToken: "mine" });
    expect(server.received.at(-1)?.headers).toMatchObject({ "x-token": "mine" });
    expect(server.received.at(-1)?.headers).not.toHaveProperty("client-token");
  });
});

describe.each(["cancel", "fail"] as const)("%s", (action) => {
  const done = action === "cancel" ? "CANCELED" : "ERROR";
  const spec = { client_error_message: "disk full" };

  async function run(...answers: Scripted[]): Promise<{ readonly error: unknown; readonly sent: readonly string[] }> {
    await using server = await startScriptedServer(withLogin(then(...answers)));
    await using client = testClient(server.origin);
    const call = action === "cancel" ? client.downloadSession.cancel("s:1") : client.downloadSession.fail("s:1", spec);
    const error: unknown = await call.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const sent = server.received
      .map((request) => (request.target.includes("action=") ? action : request.method))
      .slice(1);
    return { error, sent };
  }

  test("reads the session after a lost answer, and succeeds where it took effect", async () => {
    expect(await run(cut, session(done))).toEqual({ error: undefined, sent: [action, "GET"] });
  });

  test("succeeds where the session no longer exists", async () => {
    expect(await run(cut, { status: 404, body: { error_type: "NOT_FOUND", messages: [] } })).toEqual({
      error: undefined,
      sent: [action, "GET"],
    });
  });

  test("is sent again where the session is still active", async () => {
    expect(await run(cut, session("ACTIVE"), { status: 204 })).toEqual({
      error: undefined,
      sent: [action, "GET", action],
    });
  });

  test("is sent again without reading the session where the server itself says that it is busy", async () => {
    expect(await run(busy(500), { status: 204 })).toEqual({ error: undefined, sent: [action, action] });
  });
});

describe("retryRules and retryDelayMs", () => {
  test("spread delays over everything below a bound that doubles, up to the maximum", () => {
    const rules = retryRules({ baseDelayMs: 100, maxDelayMs: 1_000 });
    expect([1, 2, 3, 4, 5, 9].map((attempt) => retryDelayMs(rules, attempt, undefined, 1))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
    expect(retryDelayMs(rules, 3, undefined, 0)).toBe(0);
    expect(retryDelayMs(rules, 1, 5_000, 0.5)).toBe(1_000);
  });

  test("refuse values that are not numbers of at least 0", () => {
    expect(() => retryRules({ limit: -1 })).toThrow(
      new RangeError("retry.limit must be a number of at least 0: got -1"),
    );
    expect(() => retryRules({ baseDelayMs: Number.NaN })).toThrow(RangeError);
    expect(() => retryRules({ maxDelayMs: "1" as never })).toThrow(
      new TypeError('retry.maxDelayMs must be a number: got "1"'),
    );
  });
});

test("a call limits the time of one attempt, and its error says so", async () => {
  const clock = manualClock();
  await using server = await startScriptedServer(withLogin(() => () => {}));
  await using client = testClient(server.origin, { clock, retry: { limit: 0 } });
  await client.sessionToken();
  const sent = new Promise((resolve) => client.onDiagnostic((event) => event.type === "request" && resolve(event)));
  const call = client.library.list({ attemptTimeoutMs: 2_000 });
  await sent;
  clock.advance(2_000);
  await expect(call).rejects.toMatchObject({
    code: "TIMEOUT",
    message: `No answer from ${server.origin} within 2000 ms`,
  });
});

test("a call rejects with the caller's reason itself when aborted before or after it was sent", async () => {
  await using server = await startScriptedServer(withLogin(() => () => {}));
  await using client = testClient(server.origin);
  const reason = { my: "reason" };
  await expect(client.library.list({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  await client.sessionToken();
  const controller = new AbortController();
  client.onDiagnostic((event) => event.type === "request" && controller.abort(reason));
  await expect(client.library.list({ signal: controller.signal })).rejects.toBe(reason);
});

test("a call reports why the address cannot be reached", async () => {
  const server = await startScriptedServer(() => ({ status: 200 }));
  await server[Symbol.asyncDispose]();
  await using client = testClient(server.origin, { retry: { limit: 0 } });
  await expect(client.library.list()).rejects.toThrow(/^No answer from http:.*: .*ECONNREFUSED/);
});

test("a call reads the causes of errors from another realm, as under some test runners", async () => {
  const foreign = runInNewContext(`
    const below = new Error("connect ECONNREFUSED");
    below.code = "ECONNREFUSED";
    new TypeError("fetch failed", { cause: below });
  `) as unknown;
  expect(foreign).not.toBeInstanceOf(Error);
  const fetch = (): Promise<Response> => Promise.reject(foreign);
  await using client = testClient("http://127.0.0.1:1", { fetch, retry: { limit: 0 } });
  const error: unknown = await client.library.list().catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: "TRANSPORT",
    message: expect.stringContaining("connect ECONNREFUSED") as string,
  });
  expect(inspect(error, { depth: Infinity })).toContain("code: 'ECONNREFUSED'");
});
