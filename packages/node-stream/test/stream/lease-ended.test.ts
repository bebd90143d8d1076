import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { SessionLostError } from "@carrel/core";
import type { DownloadLease } from "@carrel/core";
import { openSockets } from "@carrel/test-kit";
import { describe, expect, test } from "vitest";
import { openFile, openTransfer } from "../../src/index.ts";
import type { TransferStream } from "../../src/index.ts";
import { openDesk } from "../download/desk.ts";
import type { Desk } from "../download/desk.ts";
import { readAll } from "../support/read-all.ts";

const name = "d.iso";
const sizeBytes = 20_000_000;
const quick = { proxy: false, resumeDelayMs: 60_000 } as const;

function openOne(): Promise<Desk> {
  return openDesk({ files: [{ name, sizeBytes }] });
}

/** Reads some bytes and stops, so that the stream is full and nothing is being read from the server. */
async function readSome(stream: TransferStream): Promise<void> {
  await once(stream, "readable");
  stream.read(1000);
  await expect.poll(() => stream.readableLength).toBeGreaterThan(200_000);
}

function expectClosed(error: unknown, when: string): void {
  expect(error).toBeInstanceOf(SessionLostError);
  expect(error).toMatchObject({ problem: "closed", retryable: false });
  expect((error as Error).message).toBe(`Cannot read "${name}": its lease was closed ${when}`);
}

describe("openFile fails at once, without a retry and with the reason, when its lease is closed", () => {
  const whileRead = "while the file was being read";

  test.for([1, 4])("in mid-transfer, over %d connections", async (connectionsPerFile) => {
    await using desk = await openOne();
    const lease = await desk.client.lease(desk.item.id);
    const stream = await openFile(lease, name, { ...quick, connectionsPerFile, maxBytesPerSecond: 1_000_000 });
    const seen = readAll(stream);
    await once(stream, "data");
    await lease[Symbol.asyncDispose]();
    const { error, isEnded } = await seen;
    expectClosed(error, whileRead);
    expect(isEnded).toBe(false);
  });

  test.for([1, 4])("under back-pressure, over %d connections", async (connectionsPerFile) => {
    await using desk = await openOne();
    const lease = await desk.client.lease(desk.item.id);
    const stream = await openFile(lease, name, { ...quick, connectionsPerFile });
    const failed = once(stream, "error");
    await readSome(stream);
    await lease[Symbol.asyncDispose]();
    const [error] = (await failed) as [unknown];
    expectClosed(error, whileRead);
  });

  test("before the first read", async () => {
    await using desk = await openOne();
    const lease = await desk.client.lease(desk.item.id);
    const stream = await openFile(lease, name, quick);
    await lease[Symbol.asyncDispose]();
    expectClosed((await readAll(stream)).error, whileRead);
    expect(stream.fetchedBytes).toBe(0);
    expectClosed(await openFile(lease, name, quick).catch((error: unknown) => error), "before the file was read");
  });

  test("while the file is prepared", async () => {
    await using desk = await openDesk({ files: [{ name, sizeBytes }], prepare: { preparingMs: 60_000 } });
    const lease = await desk.client.lease(desk.item.id);
    const opening = openFile(lease, name, quick).catch((error: unknown) => error);
    await expect.poll(() => desk.simulator.journal.some(({ operation }) => operation?.endsWith("prepare"))).toBe(true);
    await lease[Symbol.asyncDispose]();
    expectClosed(await opening, "while the file was being prepared");
  });

  test("by a function that returns the stream", async () => {
    await using desk = await openOne();
    const open = async (): Promise<TransferStream> => {
      await using lease = await desk.client.lease(desk.item.id);
      return await openFile(lease, name, quick);
    };
    await expect(buffer(await open())).rejects.toThrow(`Cannot read "${name}": its lease was closed ${whileRead}`);
  });

  test("together with its client", async () => {
    await using desk = await openOne();
    const client = desk.connect();
    const stream = await openFile(await client.lease(desk.item.id), name, { ...quick, maxBytesPerSecond: 1_000_000 });
    const seen = readAll(stream);
    await once(stream, "data");
    await client[Symbol.asyncDispose]();
    expectClosed((await seen).error, whileRead);
  });
});

test("openTransfer without the signal of a lease fails without a retry as soon as the server refuses a closed one", async () => {
  await using desk = await openOne();
  const lease = await desk.client.lease(desk.item.id);
  const stream = openTransfer((request) => lease.endpoint(name, request), { proxy: false, resumeDelayMs: 1 });
  const seen = readAll(stream);
  await once(stream, "data");
  await lease[Symbol.asyncDispose]();
  expect((await seen).error).toMatchObject({ code: "SESSION_LOST", problem: "closed", retryable: false });
});

test("openFile fails with the loss itself when its lease is lost, under back-pressure as well", async () => {
  await using desk = await openOne();
  await using lease: DownloadLease = await desk.client.lease(desk.item.id);
  const stream = await openFile(lease, name, quick);
  const failed = once(stream, "error");
  await readSome(stream);
  await desk.client.downloadSession.delete(lease.id);
  await lease.file(name).catch(() => {});
  const [error] = (await failed) as [unknown];
  expect(error).toBe(lease.signal.reason);
  expect(error).toMatchObject({ code: "SESSION_LOST", problem: "lost", retryable: true });
});

test("openFile keeps the caller's own reason, even where the lease is closed right after", async () => {
  await using desk = await openOne();
  const lease = await desk.client.lease(desk.item.id);
  const stop = new AbortController();
  const stream = await openFile(lease, name, { ...quick, signal: stop.signal });
  const reason = new Error("enough");
  stop.abort(reason);
  await lease[Symbol.asyncDispose]();
  expect((await readAll(stream)).error).toBe(reason);
});

test("openFile leaves no socket open", async () => {
  await expect.poll(openSockets).toEqual([]);
});
