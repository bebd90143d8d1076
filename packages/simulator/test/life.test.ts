import { connect as connectTcp } from "node:net";
import { once } from "node:events";
import { expect, test } from "vitest";
import { startSimulator } from "../src/index.ts";
import { scene } from "./support/scene.ts";
import { send, until } from "@carrel/test-kit";

function handles(): string[] {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP"));
}

test("startSimulator leaves no handle after 1,000 starts", async () => {
  const before = handles();
  for (let round = 0; round < 20; round++) {
    const started = await Promise.all(
      Array.from({ length: 50 }, (_, index) => startSimulator({ tls: index % 2 === 0, transferOrigin: "own" })),
    );
    expect(new Set(started.map((simulator) => simulator.url.href)).size).toBe(50);
    await Promise.all(started.map((simulator) => simulator[Symbol.asyncDispose]()));
  }
  // libuv lets go of a closed handle some turns of the event loop later.
  await until(() => handles().length <= before.length);
  expect(handles()).toEqual(before);
});

test.each([false, true])("disposal breaks off idle and busy connections at once, tls: %s", async (tls) => {
  const stage = await scene({ tls, faults: [{ on: "transfer", kind: "stall", atByte: 100 }] });
  const { simulator } = stage;
  const port = Number(simulator.url.port);
  const idle = connectTcp(port, "127.0.0.1");
  await once(idle, "connect");
  idle.on("error", () => {});
  const uri = await stage.prepare(await stage.open());
  const got = send(uri, {}, simulator.certificate?.pem).catch(() => undefined);
  const closed = once(idle, "close");
  await stage[Symbol.asyncDispose]();
  await closed;
  await got;
  await using again = await startSimulator({ port });
  expect(again.url.port).toBe(String(port));
});

test("Simulator can be disposed twice", async () => {
  const simulator = await startSimulator();
  await simulator[Symbol.asyncDispose]();
  await simulator[Symbol.asyncDispose]();
});

test("startSimulator names a port that is in use", async () => {
  await using simulator = await startSimulator();
  const port = Number(simulator.url.port);
  await expect(startSimulator({ port })).rejects.toThrow(
    `Cannot listen on port ${port} of 127.0.0.1: the port is in use`,
  );
});

test("startSimulator makes one certificate per process, for the loopback addresses", async () => {
  await using one = await startSimulator({ tls: true });
  await using other = await startSimulator({ tls: true });
  expect(other.certificate).toEqual(one.certificate);
  expect(one.certificate?.sha1).toMatch(/^([0-9A-F]{2}:){19}[0-9A-F]{2}$/);
  expect(one.certificate?.sha256).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  for (const host of ["127.0.0.1", "localhost"]) {
    const url = new URL("/api/session", one.url);
    url.hostname = host;
    expect((await send(url, { method: "POST" }, one.certificate?.pem)).status).toBe(401);
  }
});
