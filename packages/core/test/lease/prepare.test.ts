import { describe, expect, test } from "vitest";
import type { Scripted } from "../support/scripted-server.ts";
import { count, setUp, waitFor } from "../support/lease-set-up.ts";

const gone: Scripted = {
  status: 404,
  body: { error_type: "NOT_FOUND", messages: [{ id: "x", default_message: "No such session.", args: [] }] },
};

describe("prepare", () => {
  const endpoint = { uri: "https://vc.example.test/cls/data/0f0f/disk" };
  const file = (status: string, bytes: number, more: object = {}) => ({
    name: "disk",
    status,
    bytes_transferred: bytes,
    ...more,
  });
  const ready = file("PREPARED", 9, { download_endpoint: endpoint });

  async function poll(harness: Awaited<ReturnType<typeof setUp>>, looks: number): Promise<void> {
    await waitFor(() => expect(count(harness.service, "file") + count(harness.service, "prepare")).toBe(looks));
    await harness.idle();
  }

  test("needs one request where the file is prepared at once", async () => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1");
    harness.service.setFile(ready);
    expect(await lease.prepare("disk")).toEqual(endpoint);
    expect(harness.service.calls).toEqual(["create", "get", "prepare"]);
  });

  test.each([
    [{ timeoutMs: Number.NaN }, new RangeError("timeoutMs must be a number of at least 0: got NaN")],
    [{ timeoutMs: "5" as never }, new TypeError('timeoutMs must be a number: got "5"')],
    [{ attemptTimeoutMs: -1 }, new RangeError("attemptTimeoutMs must be a number above 0: got -1")],
  ])("refuses %j before anything is sent", async (options, error) => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1");
    await expect(lease.prepare("disk", options)).rejects.toThrow(error);
    expect(harness.service.calls).toEqual(["create", "get"]);
  });

  test("waits with growing pauses as long as the bytes grow", async () => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1");
    const seen: number[] = [];
    harness.service.setFile(file("PREPARE_REQUESTED", 0));
    const prepared = lease.prepare("disk", {
      timeoutMs: 4_000,
      onProgress: (info) => seen.push(info.bytes_transferred),
    });
    for (let look = 1; look <= 8; look++) {
      await poll(harness, look);
      harness.service.setFile(look === 8 ? ready : file("PREPARING", look));
      harness.clock.advance(4_000);
    }
    expect(await prepared).toEqual(endpoint);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 9]);
  });

  test("gives up when nothing grows within the time limit", async () => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1");
    harness.service.setFile(file("PREPARING", 5));
    const prepared = lease.prepare("disk", { timeoutMs: 300 }).catch((error: unknown) => error);
    await poll(harness, 1);
    harness.clock.advance(250);
    await poll(harness, 2);
    harness.clock.advance(50);
    expect(await prepared).toMatchObject({
      code: "PREPARE_FAILED",
      retryable: true,
      fileName: "disk",
      message: expect.stringContaining("the server made no progress for 300 ms") as string,
    });
  });

  test.each([
    ["1e9999", /reports the unknown status "1e9999"$/],
    ["PREPARED", /reports the status PREPARED without an endpoint$/],
  ])("tolerates the status %s, which is not usable, for ten seconds", async (status, message) => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1");
    harness.service.setFile(file(status, 0));
    const prepared = lease.prepare("disk").catch((error: unknown) => error);
    for (let look = 1; look <= 3; look++) {
      await poll(harness, look);
      harness.clock.advance(5_000);
    }
    expect(await prepared).toMatchObject({
      code: "PREPARE_FAILED",
      retryable: false,
      message: expect.stringMatching(message) as string,
    });
  });

  test("reports an unknown status also where the time limit is shorter than that", async () => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1");
    harness.service.setFile(file("VALIDATING", 0));
    const prepared = lease.prepare("disk", { timeoutMs: 300 }).catch((error: unknown) => error);
    await poll(harness, 1);
    harness.clock.advance(250);
    await poll(harness, 2);
    harness.clock.advance(50);
    expect(await prepared).toMatchObject({
      code: "PREPARE_FAILED",
      retryable: false,
      message: 'disk was not prepared: the server reports the unknown status "VALIDATING"',
    });
  });

  test.each([
    ["statuses that change", (look: number) => file(look % 2 === 0 ? "VALIDATING" : "validating", 0)],
    ["a count of bytes that goes up and down", (look: number) => file("VALIDATING", look % 2)],
    ["no place, and a count that goes up and down", (look: number) => file("PREPARED", look % 2)],
  ])("does not count %s as progress", async (_, answer) => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1");
    harness.service.setFile(answer(1));
    const prepared = lease.prepare("disk").catch((error: unknown) => error);
    for (let look = 1; look <= 3; look++) {
      await poll(harness, look);
      harness.service.setFile(answer(look + 1));
      harness.clock.advance(5_000);
    }
    expect(await prepared).toMatchObject({ code: "PREPARE_FAILED", retryable: false });
  });

  test("tolerates an unknown status as long as the bytes grow", async () => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1");
    harness.service.setFile(file("VALIDATING", 0));
    const prepared = lease.prepare("disk");
    for (let look = 1; look <= 8; look++) {
      await poll(harness, look);
      harness.service.setFile(look === 8 ? ready : file("VALIDATING", look));
      harness.clock.advance(5_000);
    }
    expect(await prepared).toEqual(endpoint);
  });

  test("fails with the server's message", async () => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1");
    const message = { id: "m", default_message: "The storage is gone.", args: [] };
    harness.service.setFile(file("ERROR", 0, { error_message: message }));
    await expect(lease.prepare("disk")).rejects.toMatchObject({
      code: "PREPARE_FAILED",
      retryable: false,
      serverMessage: message,
    });
  });

  test("happens once for all callers of endpoint, and again after it was rejected", async () => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1");
    harness.service.setFile(ready);
    const [first, second] = await Promise.all([lease.endpoint("disk"), lease.endpoint("disk")]);
    expect(first).toBe(second);
    expect(await lease.endpoint("disk")).toBe(first);
    expect(count(harness.service, "prepare")).toBe(1);
    const fresh = await Promise.all([
      lease.endpoint("disk", { rejected: first }),
      lease.endpoint("disk", { rejected: first }),
    ]);
    expect(fresh[0]).toBe(fresh[1]);
    expect(fresh[0]).not.toBe(first);
    expect(await lease.endpoint("disk", { rejected: first })).toBe(fresh[0]);
    expect(count(harness.service, "prepare")).toBe(2);
    harness.service.setFile(file("ERROR", 0));
    await expect(lease.endpoint("disk", { rejected: fresh[0] })).rejects.toMatchObject({ code: "PREPARE_FAILED" });
    harness.service.setFile(ready);
    expect(await lease.endpoint("disk")).toEqual(endpoint);
  });

  test("distinguishes an unknown file from a session that has ended", async () => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1");
    harness.service.script.prepare = [{ status: 400, body: { error_type: "INVALID_ARGUMENT", messages: [] } }, gone];
    await expect(lease.prepare("disk")).rejects.toMatchObject({ code: "PREPARE_FAILED" });
    await expect(lease.prepare("disk")).rejects.toMatchObject({ code: "SESSION_LOST" });
  });
});
