import { createClient, passwordAuth, SessionLostError } from "@carrel/core";
import { startSimulator } from "@carrel/simulator";
import { until } from "@carrel/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

/** What is there of a page in Node: its events. */
let page: EventTarget;

beforeEach(() => {
  page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
});
afterEach(() => void vi.unstubAllGlobals());

const libraries = [{ name: "images", items: [{ name: "debian", id: "item-1" }] }];

test("endOnPageHide ends sessions and the login by requests that outlive the page, holds calls back, and logs in again after a return", async () => {
  await using simulator = await startSimulator({ libraries });
  const kept: string[] = [];
  const client = createClient({
    endpoint: simulator.url,
    auth: passwordAuth(simulator.credentials),
    wire: "api",
    endOnPageHide: true,
    fetch: (input, init) => {
      if (init?.keepalive === true) kept.push(init.method ?? "");
      return fetch(input, init);
    },
  });
  const lease = await client.lease("item-1");
  page.dispatchEvent(new Event("pagehide"));
  const call = client.library.list();
  expect(lease.signal.reason).toBeInstanceOf(SessionLostError);
  expect(lease.getSnapshot()).toMatchObject({ phase: "lost", cause: { problem: "lost" } });
  await until(() => simulator.openSessions.length + simulator.openApiSessions.length === 0);
  expect(kept).toEqual(["DELETE", "DELETE"]);
  expect(simulator.journal.some(({ operation }) => operation === "library.list")).toBe(false);

  page.dispatchEvent(new Event("pageshow"));
  expect(await call).toHaveLength(1);
  expect(simulator.openApiSessions).toHaveLength(1);
  const requests = simulator.journal.length;
  await lease.close();
  expect(simulator.journal).toHaveLength(requests);
  await client.close();
  expect(simulator.openApiSessions).toEqual([]);

  page.dispatchEvent(new Event("pagehide"));
  await expect(client.library.list()).rejects.toThrow("the client is closed");
});

test("endOnPageHide leaves a session that is to be kept", async () => {
  await using simulator = await startSimulator({ libraries });
  const client = createClient({
    endpoint: simulator.url,
    auth: passwordAuth(simulator.credentials),
    endOnPageHide: true,
  });
  await client.lease("item-1", { onClose: "keep" });
  page.dispatchEvent(new Event("pagehide"));
  await until(() => simulator.openApiSessions.length === 0);
  expect(simulator.openSessions).toHaveLength(1);
  await client.close();
});

test.each(["thumbprint", "ca"])("createClient refuses %s, which its fetch would not see", (name) => {
  const options = {
    endpoint: "vc.example.test",
    auth: passwordAuth({ username: "a", password: "b" }),
    [name]: "AA:BB",
  };
  expect(() => createClient(options)).toThrow(
    new TypeError(`createClient cannot use ${name}: its option fetch connects, and checks certificates`),
  );
});
