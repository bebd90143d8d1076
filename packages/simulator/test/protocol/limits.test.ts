import { connect as connectTcp } from "node:net";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { SimulatorInputError, startSimulator } from "../../src/index.ts";
import type { Simulator } from "../../src/index.ts";
import type { UpdateFileInfo } from "../../src/gen/models.gen.ts";
import { connect } from "../support/connect.ts";
import { send } from "@carrel/test-kit";
import { at, basic } from "../support/addresses.ts";

const ask = async (simulator: Simulator, host: string): Promise<number> =>
  (await send(at(simulator, "/api/session"), { method: "POST", headers: { ...basic(simulator), host } })).status;

describe("a Host", () => {
  test.for([
    "127.0.0.1",
    "127.0.0.1:8443",
    "127.1.2.3:443",
    "[::1]",
    "[::1]:8443",
    "localhost",
    "LOCALHOST:80",
    "localhost.",
    "vcenter.localhost:443",
  ])("of the loopback interface is answered: %s", async (host) => {
    await using simulator = await startSimulator();
    expect(await ask(simulator, host)).toBe(201);
  });

  test.for([
    "attacker.example",
    "attacker.example:443",
    "localhost.attacker.example",
    "127.0.0.1.attacker.example",
    "notlocalhost",
    "10.0.0.7",
    "128.0.0.1",
    "[fe80::1]",
    "[::ffff:10.0.0.7]",
    "a@localhost",
    "localhost/x",
    "local host",
  ])("of another name is not: %j", async (host) => {
    await using simulator = await startSimulator({ cors: true });
    expect(await ask(simulator, host)).toBe(421);
    const preflight = await send(at(simulator, "/api/session"), { method: "OPTIONS", headers: { host } });
    expect(preflight.status).toBe(421);
    expect(preflight.text).toContain('option "hosts"');
    expect((await send(at(simulator, "/cls/data/x/y"), { headers: { host } })).status).toBe(421);
    expect(simulator.journal.map(({ status }) => status)).toEqual([421, 421, 421]);
    expect(simulator.openApiSessions).toEqual([]);
  });

  test("of the option hosts is answered, and names below it are not", async () => {
    await using simulator = await startSimulator({ hosts: ["VC.example.test", "10.0.0.7"], transferOrigin: "own" });
    for (const host of ["vc.example.test", "vc.example.test:8443", "vc.example.test.", "10.0.0.7:80"]) {
      expect(await ask(simulator, host)).toBe(201);
    }
    for (const host of ["x.vc.example.test", "example.test", "10.0.0.8"]) expect(await ask(simulator, host)).toBe(421);
    const url = new URL("/cls/data/x/y", simulator.transferUrl);
    expect((await send(url, { headers: { host: "vc.example.test" } })).status).toBe(404);
    expect((await send(url, { headers: { host: "attacker.example" } })).status).toBe(421);
  });

  test("may be absent, as in HTTP/1.0, which no browser speaks", async () => {
    await using simulator = await startSimulator();
    const socket = connectTcp(Number(simulator.url.port), "127.0.0.1");
    await once(socket, "connect");
    socket.end("GET /api/content/library HTTP/1.0\r\n\r\n");
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 401 /u);
  });

  test.for([["https://vc"], ["vc:443"], ["a b"], [""], [7]])("hosts: %j is refused", async (hosts) => {
    const broken = { hosts } as unknown as Parameters<typeof startSimulator>[0];
    await expect(startSimulator(broken)).rejects.toThrow(SimulatorInputError);
    await expect(startSimulator(broken)).rejects.toThrow(/^hosts\[0\] must be a host name without a port/u);
  });
});

describe("a request that is too large", () => {
  async function upload(
    simulator: Simulator,
    bodies: readonly Buffer[],
    chunked: boolean,
  ): Promise<readonly unknown[]> {
    const vcenter = await connect(simulator);
    const item = simulator.inventory.item("lib/item");
    const id = await vcenter.call<string>("updateSession.create", { library_item_id: item.id });
    const found: unknown[] = [];
    for (const [index, body] of bodies.entries()) {
      const add = { update_session_id: id, name: `f${index}`, source_type: "PUSH" };
      const { upload_endpoint: endpoint } = await vcenter.call<UpdateFileInfo>("updateSession.file.add", add);
      const headers = chunked ? { "transfer-encoding": "chunked" } : { "content-length": String(body.length) };
      found.push((await send(endpoint?.uri ?? "", { method: "PUT", body, headers })).status);
    }
    const files = await vcenter.call<readonly UpdateFileInfo[]>("updateSession.file.list", { update_session_id: id });
    return [...found, ...files.map(({ status }) => status)];
  }
  const libraries = [{ name: "lib", items: [{ name: "item" }] }];

  test.for([true, false])("uploads have room in all, chunked: %s", async (chunked) => {
    await using simulator = await startSimulator({ libraries, uploadLimitBytes: 1_000_000 });
    const bodies = [Buffer.alloc(600_000), Buffer.alloc(600_000), Buffer.alloc(400_000)];
    expect(await upload(simulator, bodies, chunked)).toEqual([200, 413, 200, "READY", "ERROR", "READY"]);
    expect(simulator.journal.filter(({ status }) => status === 413)).toMatchObject([
      { kind: "upload", outcome: "answered" },
    ]);
  });

  test("the body of an operation may have 1 MiB", async () => {
    await using simulator = await startSimulator({ libraries });
    const { sessionId } = await connect(simulator);
    const create = async (bytes: number): Promise<number> => {
      const body = JSON.stringify({ library_item_id: "x".repeat(bytes) });
      const headers = { "vmware-api-session-id": sessionId, "content-type": "application/json" };
      const path = "/api/content/library/item/download-session";
      return (await send(at(simulator, path), { method: "POST", headers, body })).status;
    };
    expect(await create(1000)).toBe(404);
    expect(await create(2 * 1024 * 1024)).toBe(400);
  });
});
