import { createGzip, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { DiagnosticEvent } from "../../src/index.ts";
import { ProtocolError } from "../../src/index.ts";
import type { Scripted } from "../support/scripted-server.ts";
import { startScriptedServer } from "../support/scripted-server.ts";
import { bothStyles, testClient, withLogin } from "../support/test-client.ts";

const mebibyte = 1024 ** 2;
const json = { "content-type": "application/json" };

/** An answer without end. Resolves the promise when the client has let go of it. */
function endless(status: number): { readonly scripted: Scripted; readonly closed: Promise<void> } {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const scripted: Scripted = (response) => {
    response.writeHead(status, json);
    const more = (): void => {
      while (!response.destroyed && response.write(" ".repeat(65_536)));
    };
    response.on("drain", more).on("close", resolve);
    more();
  };
  return { scripted, closed };
}

/** Gibibytes of spaces in a few megabytes. */
const bomb: Scripted = (response) => {
  response.writeHead(200, { ...json, "content-encoding": "gzip" });
  const gzip = createGzip();
  gzip.pipe(response);
  let left = 4_096;
  const more = (): void => {
    while (left > 0 && !response.destroyed) if (left-- > 0 && !gzip.write(Buffer.alloc(mebibyte, 32))) break;
    if (left === 0 || response.destroyed) gzip.destroy();
  };
  gzip.on("drain", more).on("error", () => {});
  more();
};

describe("an answer that is too long", () => {
  test.each([
    [200, "16 MiB"],
    [500, "1 MiB"],
  ])("is not read to its end, and not requested again (status %i)", async (status, limit) => {
    const { scripted, closed } = endless(status);
    let asked = 0;
    await using server = await startScriptedServer(withLogin(() => (asked++, scripted)));
    await using client = testClient(server.origin);
    const message = `library.list: the answer (status ${status}) is longer than ${limit}`;
    const error: unknown = await client.library.list().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({ code: "PROTOCOL", retryable: false, message });
    await closed;
    expect(asked).toBe(1);
  });

  test("is counted after decompression", async () => {
    await using server = await startScriptedServer(withLogin(() => bomb));
    await using client = testClient(server.origin);
    await expect(client.library.list()).rejects.toThrow("is longer than 16 MiB");
  });

  test("has a lower limit for a login", async () => {
    const { scripted, closed } = endless(201);
    await using server = await startScriptedServer(() => scripted);
    await using client = testClient(server.origin);
    await expect(client.library.list()).rejects.toThrow(/^session\.create: the answer .* is longer than 1 MiB$/);
    await closed;
  });

  test("has a limit that real answers do not reach", async () => {
    const ids = Array.from({ length: 300_000 }, (_, index) => `${index}`.padStart(36, "0"));
    const body = gzipSync(JSON.stringify(ids));
    await using server = await startScriptedServer(
      withLogin(() => (response) => response.writeHead(200, { ...json, "content-encoding": "gzip" }).end(body)),
    );
    await using client = testClient(server.origin);
    expect(await client.library.list()).toHaveLength(300_000);
  });
});

describe.each(bothStyles)("an answer that is nested too deeply (%s)", (style) => {
  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
  const answers: readonly [string, Scripted][] = [
    ["a result", { status: 200, body: `{"value":{"id":"x","zz":${deep}},"zz":${deep}}`, headers: json }],
    ["an array", { status: 200, body: deep, headers: json }],
    ["an error", { status: 400, body: `{"error_type":"ERROR","messages":[{"id":${deep}}]}`, headers: json }],
    [
      "the data of an error",
      { status: 400, body: `{"error_type":"ERROR","messages":[],"data":${deep}}`, headers: json },
    ],
  ];
  test.each(answers)("an answer that does not follow the protocol is a ProtocolError: %s", async (_, scripted) => {
    await using server = await startScriptedServer(withLogin(() => scripted));
    await using client = testClient(server.origin, { wire: style });
    const error: unknown = await client.library.get("x").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: expect.stringMatching(/PROTOCOL|REJECTED/) as string });
  });
});

test("a call with an endless answer can be aborted", async () => {
  const { scripted, closed } = endless(200);
  await using server = await startScriptedServer(
    withLogin(() => (response, request) => {
      if (typeof scripted === "function") scripted(response, request);
      setImmediate(() => controller.abort("enough"));
    }),
  );
  const controller = new AbortController();
  await using client = testClient(server.origin);
  const events: DiagnosticEvent[] = [];
  client.onDiagnostic((event) => events.push(event));
  const outcome: unknown = await client.library.list({ signal: controller.signal }).catch((reason: unknown) => reason);
  expect(["enough", "PROTOCOL"]).toContain(outcome instanceof ProtocolError ? outcome.code : outcome);
  await closed;
});

test.each([304, 300])("status %i without a place to go to is not called a redirect", async (status) => {
  await using server = await startScriptedServer(withLogin(() => ({ status })));
  await using client = testClient(server.origin);
  const error: unknown = await client.library.list().catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: "PROTOCOL",
    message: `library.list: unexpected answer with status ${status}`,
  });
});
