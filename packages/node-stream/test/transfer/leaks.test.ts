import { getEventListeners } from "node:events";
import type { IncomingMessage } from "node:http";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openSockets, tries } from "@carrel/test-kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ConnectionPool, openTransfer } from "../../src/index.ts";
import { serveBytes, startByteServer } from "../support/byte-server.ts";
import type { ByteServer } from "../support/byte-server.ts";

const file = Buffer.alloc(100_000);
const transfers = tries(2_000, 10_000);
let server: ByteServer;

beforeAll(async () => {
  server = await startByteServer((request, response) => {
    if (request.url === "/busy") response.writeHead(503).end();
    else serveBytes(file, request, response);
  });
});
afterAll(() => server[Symbol.asyncDispose]());

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

async function heapBytes(): Promise<number> {
  // The server's own record of requests is not what is measured.
  (server.requests as IncomingMessage[]).length = 0;
  for (let turn = 0; turn < 3; turn += 1) {
    collect();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Ends one transfer early, each time in another way and at another stage. */
async function abortedTransfer(number: number, signal: AbortSignal, pool: ConnectionPool): Promise<void> {
  const stop = new AbortController();
  const isBusy = number % 5 === 4;
  const stream = openTransfer(
    { uri: server.url(isBusy ? "/busy" : "/disk.iso") },
    {
      signal: AbortSignal.any([signal, stop.signal]),
      onResume: () => stop.abort(),
      resumeDelayMs: 10_000,
      stallTimeoutMs: 60_000,
      ...(number % 2 === 0 ? { pool } : { proxy: false }),
      connectionsPerFile: number % 3 === 0 ? 3 : 1,
      maxBytesPerSecond: number % 7 === 0 ? 10_000 : 1e12,
    },
  );
  const closed = new Promise((resolve) => {
    stream.on("error", () => {}).once("close", resolve);
  });
  switch (number % 5) {
    case 0:
      stream.destroy();
      break;
    case 1:
      stream.resume();
      setImmediate(() => stop.abort());
      break;
    case 2:
      stream.once("data", () => stop.abort());
      break;
    case 3:
      stream.resume();
      stream.destroy(new Error("enough"));
      break;
    default:
      stream.resume();
  }
  await closed;
}

test("openTransfer leaves no sockets, listeners or memory behind after aborts", { timeout: 120_000 }, async () => {
  const { signal } = new AbortController();
  const socketsAtFirst = openSockets().length;
  await using pool = new ConnectionPool({ proxy: false });
  const run = async (count: number): Promise<void> => {
    let next = 0;
    const workers = Array.from({ length: 20 }, async () => {
      while (next < count) await abortedTransfer(next++, signal, pool);
    });
    await Promise.all(workers);
  };
  await run(transfers / 5);
  const before = await heapBytes();
  await run((transfers / 5) * 4);
  const grown = (await heapBytes()) - before;
  expect(grown).toBeLessThan(2_000_000);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
  await pool[Symbol.asyncDispose]();
  await server.idle();
  await expect.poll(() => openSockets().length).toBeLessThanOrEqual(socketsAtFirst);
});
