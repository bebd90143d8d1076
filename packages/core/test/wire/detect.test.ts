import { expect, it } from "vitest";
import type { DiagnosticEvent } from "../../src/index.ts";
import { ProtocolError } from "../../src/index.ts";
import type { Scripted } from "../support/scripted-server.ts";
import { startScriptedServer } from "../support/scripted-server.ts";
import { testClient, withLogin } from "../support/test-client.ts";

const unauthenticated: Scripted = { status: 401, body: { error_type: "UNAUTHENTICATED", messages: [] } };

it("takes a server that wants a login below /api for the modern style, asks once and tells", async () => {
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

it("takes a server that knows /rest only for the legacy style", async () => {
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

it.each<[string, Scripted]>([
  ["a web page", { status: 200, body: "<html>Welcome</html>", headers: { "content-type": "text/html" } }],
  ["a login page behind a 401", { status: 401, body: "<html>Log in</html>", headers: { "content-type": "text/html" } }],
  ["another API", { status: 404, body: { hello: "world" } }],
  ["nothing", { status: 404 }],
])("says of %s that it is no vCenter, and asks again later", async (_, scripted) => {
  await using server = await startScriptedServer(() => scripted);
  await using client = testClient(server.origin, { wire: "auto" });
  await expect(client.library.list()).rejects.toThrow(ProtocolError);
  await expect(client.library.list()).rejects.toThrow(/does not answer like a vCenter/);
  expect(server.received.length).toBe(4);
});

it("does not follow a redirect, with a session id or without", async () => {
  await using elsewhere = await startScriptedServer(() => ({ status: 200, body: [] }));
  await using server = await startScriptedServer(
    withLogin(() => ({ status: 307, headers: { location: `${elsewhere.origin}/api/content/library?secret=1` } })),
  );
  await using client = testClient(server.origin);
  await expect(client.library.list()).rejects.toThrow(`redirect to ${elsewhere.origin}, which is not followed`);
  expect(elsewhere.received).toEqual([]);
});
