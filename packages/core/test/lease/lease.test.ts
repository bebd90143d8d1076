import { describe, expect, test } from "vitest";
import type { DownloadLease, LeaseOptions } from "../../src/index.ts";
import { SessionLostError } from "../../src/index.ts";
import { count, setUp, waitFor } from "../support/lease-set-up.ts";
import type { Scripted } from "../support/scripted-server.ts";
import { isSessionRequest } from "../support/test-client.ts";

const gone: Scripted = {
  status: 404,
  body: { error_type: "NOT_FOUND", messages: [{ id: "x", default_message: "No such session.", args: [] }] },
};
const silent: Scripted = () => {};

const renewals = (lease: DownloadLease): number => {
  const snapshot = lease.getSnapshot();
  return "renewals" in snapshot ? snapshot.renewals : -1;
};

describe("opening", () => {
  test("creates a session and shows it as the server describes it", async () => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1");
    expect(harness.service.calls).toEqual(["create", "get"]);
    expect(lease.getSnapshot()).toEqual({
      phase: "active",
      renewals: 0,
      session: {
        id: "s:1",
        itemId: "item-1",
        contentVersion: "3",
        progressPercent: 0,
        expiresAt: new Date("2026-01-01T00:05:00Z"),
      },
    });
    expect(lease.getSnapshot()).toBe(lease.getSnapshot());
    expect(Object.isFrozen(lease.getSnapshot())).toBe(true);
  });

  test("renews an adopted session first, so that its remaining time is its whole life", async () => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1", { adopt: "s:1" });
    expect(harness.service.calls).toEqual(["keep-alive", "get"]);
    expect(lease.id).toBe("s:1");
  });

  test("deletes a session that is created after an abort, and rejects with the caller's reason", async () => {
    await using harness = await setUp();
    const reason = new Error("changed my mind");
    const controller = new AbortController();
    harness.client.onDiagnostic(
      (event) => event.type === "request" && event.operation === "downloadSession.create" && controller.abort(reason),
    );
    await expect(harness.client.lease("item-1", { signal: controller.signal })).rejects.toBe(reason);
    await waitFor(() => expect(harness.service.calls).toEqual(["create", "get", "delete"]));
  });

  test("deletes a session that cannot be read", async () => {
    await using harness = await setUp();
    harness.service.script.get = [gone];
    await expect(harness.client.lease("item-1")).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(harness.service.calls).toEqual(["create", "get", "delete"]);
  });

  test("accepts only the given content version, and leaves no session with another one", async () => {
    await using harness = await setUp();
    await expect(harness.client.lease("item-1", { contentVersion: "2" })).rejects.toMatchObject({
      code: "INTEGRITY",
      message: expect.stringContaining("its content version is 3, not 2") as string,
    });
    expect(harness.service.calls).toEqual(["create", "get", "delete"]);
    await using lease = await harness.client.lease("item-1", { contentVersion: "3" });
    expect(lease.getSnapshot().phase).toBe("active");
  });

  test.each([
    ["item-1", { renewAt: 0 }, "renewAt must be between 0 and 1 (exclusive): got 0"],
    ["item-1", { renewAt: 1 }, "renewAt must be between 0 and 1"],
    ["item-1", { renewAt: Number.NaN }, "renewAt must be between 0 and 1"],
    ["item-1", { attemptTimeoutMs: 0 }, "attemptTimeoutMs must be a number above 0: got 0"],
    ["item-1", { onClose: "forget" as "keep" }, 'onClose must be "delete", "cancel" or "keep"'],
    ["item-1", { adopt: "" }, "adopt is empty, as when nothing was found"],
    ["", {}, "lease: itemId is empty, as when nothing was found"],
    [7 as unknown as string, {}, "lease: itemId must be a string: got 7"],
  ])("refuses item %j with %j", async (item, options: LeaseOptions, message) => {
    await using harness = await setUp();
    const isNumber = Object.values(options).some((value) => typeof value === "number");
    const kind = isNumber ? RangeError : TypeError;
    await expect(harness.client.lease(item, options)).rejects.toThrow(kind);
    await expect(harness.client.lease(item, options)).rejects.toThrow(message);
    expect(harness.service.received).toEqual([]);
  });
});

describe("renewing", () => {
  test("continues as long as the lease is open, one renewal at a time", async () => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1");
    for (let round = 1; round <= 20; round++) {
      harness.clock.advance(100_000);
      await waitFor(() => expect(renewals(lease)).toBe(round));
    }
    expect(count(harness.service, "keep-alive")).toBe(20);
    expect(lease.getSnapshot()).toMatchObject({
      phase: "active",
      session: { expiresAt: new Date(Date.parse("2026-01-01T00:05:00Z") + 2_000_000) },
    });
  });

  test("sends progress with the next renewal, and renews without it where the server refuses it", async () => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1");
    lease.reportProgress(41.9);
    lease.reportProgress(12);
    harness.clock.advance(100_000);
    await waitFor(() => expect(renewals(lease)).toBe(1));
    expect(harness.service.received.at(-1)?.body).toBe('{"progress":41}');
    expect(lease.getSnapshot()).toMatchObject({ session: { progressPercent: 41 } });
    lease.reportProgress(90);
    harness.service.script["keep-alive"] = [{ status: 400, body: { error_type: "INVALID_ARGUMENT", messages: [] } }];
    harness.clock.advance(100_000);
    await waitFor(() => expect(renewals(lease)).toBe(2));
    expect(harness.service.received.slice(-2).map((request) => request.body)).toEqual(['{"progress":90}', ""]);
  });

  test("puts the lease at risk after a failure, tries again soon, and recovers", async () => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1");
    harness.service.script["keep-alive"] = [{ status: 503 }, (response) => response.destroy()];
    const phases: string[] = [];
    lease.subscribe(() => phases.push(lease.getSnapshot().phase));
    harness.clock.advance(100_000);
    await waitFor(() =>
      expect(lease.getSnapshot()).toMatchObject({ phase: "at-risk", missed: 1, cause: { code: "BUSY" } }),
    );
    harness.clock.advance(500);
    await waitFor(() =>
      expect(lease.getSnapshot()).toMatchObject({ phase: "at-risk", missed: 2, cause: { code: "TRANSPORT" } }),
    );
    harness.clock.advance(1_000);
    await waitFor(() => expect(lease.getSnapshot()).toMatchObject({ phase: "active", renewals: 1 }));
    expect(phases).toEqual(["at-risk", "at-risk", "active"]);
  });

  test("reads the session when a renewal got no answer, and does not renew twice where it had arrived", async () => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1");
    harness.service.script["keep-alive"] = [silent];
    harness.clock.advance(100_000);
    await waitFor(() => expect(count(harness.service, "keep-alive")).toBe(1));
    harness.service.script.get = [sessionAnswer({ expiresMs: 400_000 + 66_000, nowMs: 166_000 })];
    harness.clock.advance(67_000);
    await waitFor(() => expect(lease.getSnapshot()).toMatchObject({ phase: "active", renewals: 1 }));
    expect(count(harness.service, "get")).toBe(2);
    expect(count(harness.service, "keep-alive")).toBe(1);
  });

  test("logs in once when the API session has ended, and continues", async () => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1");
    harness.service.script["keep-alive"] = [{ status: 401 }];
    harness.clock.advance(100_000);
    await waitFor(() => expect(renewals(lease)).toBe(1));
    expect(lease.getSnapshot().phase).toBe("active");
    expect(
      harness.service.received.filter((request) => isSessionRequest(request) && request.method === "POST"),
    ).toHaveLength(2);
  });

  test("happens once, within seconds, after the machine was asleep", async () => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1");
    harness.clock.sleepMachine(1_800_000);
    harness.clock.advance(5_000);
    await waitFor(() => expect(renewals(lease)).toBe(1));
    harness.clock.advance(60_000);
    expect(count(harness.service, "keep-alive")).toBe(1);
  });
});

describe("a loss", () => {
  test("aborts the signal with its cause, ends the iteration with it, and leaves no timer and no request", async () => {
    await using harness = await setUp();
    const lease = await harness.client.lease("item-1");
    const seen: string[] = [];
    const iteration = (async () => {
      for await (const snapshot of lease) seen.push(snapshot.phase);
    })();
    harness.service.script["keep-alive"] = [gone];
    harness.service.script.delete = [gone];
    harness.clock.advance(100_000);
    await expect(iteration).rejects.toThrow(SessionLostError);
    expect(seen).toEqual(["active"]);
    expect(lease.signal.reason).toBeInstanceOf(SessionLostError);
    expect(lease.getSnapshot()).toMatchObject({
      phase: "lost",
      cause: { code: "SESSION_LOST", cause: { code: "NOT_FOUND" } },
    });
    expect(String(lease.signal.reason)).toContain("No such session.");
    await expect(lease.prepare("disk")).rejects.toBe(lease.signal.reason);
    await lease[Symbol.asyncDispose]();
    expect(harness.service.calls.at(-1)).toBe("delete");
    expect(harness.events.filter((event) => event.type === "left-open")).toEqual([]);
    expect(harness.clock.pending).toEqual([]);
  });

  test("happens in the end when the server can no longer be reached", async () => {
    await using harness = await setUp(30_000);
    await using lease = await harness.client.lease("item-1");
    harness.service.script["keep-alive"] = Array.from(
      { length: 200 },
      (): Scripted => (response) => void response.destroy(),
    );
    while (lease.getSnapshot().phase !== "lost") {
      harness.clock.advance(250);
      await harness.idle();
    }
    expect(lease.getSnapshot()).toMatchObject({ phase: "lost", cause: { cause: { code: "TRANSPORT" } } });
    expect(harness.clock.now()).toBeGreaterThanOrEqual(30_000);
  });

  test("is detected at once when another call reports it", async () => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1");
    harness.service.script.prepare = [gone];
    harness.service.script["keep-alive"] = [gone];
    await expect(lease.prepare("disk")).rejects.toBeInstanceOf(SessionLostError);
    await waitFor(() => expect(lease.signal.aborted).toBe(true));
    expect(harness.clock.now()).toBe(0);
    expect(count(harness.service, "keep-alive")).toBe(1);
  });

  test("is not concluded from a call alone but from the renewal after it", async () => {
    await using harness = await setUp();
    await using lease = await harness.client.lease("item-1");
    harness.service.script.prepare = [gone];
    await expect(lease.prepare("disk")).rejects.toBeInstanceOf(SessionLostError);
    await waitFor(() => expect(renewals(lease)).toBe(1));
    expect(lease.getSnapshot().phase).toBe("active");
    // One timer for all leases, and one entry in it for this one.
    harness.clock.advance(100_000);
    await waitFor(() => expect(renewals(lease)).toBe(2));
    expect(count(harness.service, "keep-alive")).toBe(2);
  });
});

describe("closing", () => {
  test("ends the session once, before the client logs out", async () => {
    await using harness = await setUp();
    const lease = await harness.client.lease("item-1");
    const seen: unknown[] = [];
    const iteration = (async () => {
      for await (const snapshot of lease) seen.push(snapshot);
    })();
    await Promise.all([lease[Symbol.asyncDispose](), lease[Symbol.asyncDispose]()]);
    await iteration;
    expect(seen.at(-1)).toEqual({ phase: "ended", how: "deleted" });
    expect(harness.service.calls).toEqual(["create", "get", "delete"]);
    expect(harness.clock.pending).toEqual([]);
  });

  test.each([
    ["cancel", "cancel", "cancelled"],
    ["keep", "get", "kept"],
  ] as const)("by %s", async (onClose, last, how) => {
    await using harness = await setUp();
    const lease = await harness.client.lease("item-1", { onClose });
    await lease[Symbol.asyncDispose]();
    expect(harness.service.calls.at(-1)).toBe(last);
    expect(lease.getSnapshot()).toEqual({ phase: "ended", how });
  });

  test("the client ends the leases that are still open, and then logs out", async () => {
    await using harness = await setUp();
    await harness.client.lease("item-1");
    await harness.client[Symbol.asyncDispose]();
    const last = harness.service.received.slice(-2);
    expect(last.map((request) => `${request.method} ${request.target}`)).toEqual([
      "DELETE /api/content/library/item/download-session/s:1",
      "DELETE /api/session",
    ]);
  });

  test("has the same effect by close() as by disposal", async () => {
    await using harness = await setUp();
    const lease = await harness.client.lease("item-1");
    const { close } = lease;
    await Promise.all([close(), lease[Symbol.asyncDispose]()]);
    await close();
    expect(harness.service.calls).toEqual(["create", "get", "delete"]);
    expect(lease.getSnapshot()).toEqual({ phase: "ended", how: "deleted" });
  });

  test("aborts the signal at once, before the server answers, with a reason that is final", async () => {
    await using harness = await setUp();
    const lease = await harness.client.lease("item-1");
    harness.service.setFile({ status: "PREPARING" });
    const preparing = lease.prepare("disk").catch((error: unknown) => error);
    await harness.idle();
    harness.service.script.delete = [silent];
    const disposal = lease[Symbol.asyncDispose]();
    expect(lease.signal.aborted).toBe(true);
    expect(lease.signal.reason).toBeInstanceOf(SessionLostError);
    expect(lease.signal.reason).toMatchObject({ code: "SESSION_LOST", problem: "closed", retryable: false });
    expect(String(lease.signal.reason)).toContain(`The lease on download session ${lease.id} was closed`);
    expect(await preparing).toBe(lease.signal.reason);
    await expect(lease.files()).rejects.toBe(lease.signal.reason);
    await waitFor(() => expect(count(harness.service, "delete")).toBe(1));
    harness.clock.advance(5_000);
    await disposal;
  });

  test("after a loss keeps the reason of the loss", async () => {
    await using harness = await setUp();
    const lease = await harness.client.lease("item-1");
    harness.service.script["keep-alive"] = [gone];
    harness.clock.advance(100_000);
    await waitFor(() => expect(lease.signal.aborted).toBe(true));
    const { reason } = lease.signal as { reason: unknown };
    expect(reason).toMatchObject({ problem: "lost", retryable: true });
    await lease[Symbol.asyncDispose]();
    expect(lease.signal.reason).toBe(reason);
  });

  test("reports a session that cannot be ended, within five seconds", async () => {
    await using harness = await setUp();
    const lease = await harness.client.lease("item-1");
    harness.service.script.delete = [silent];
    const disposal = lease[Symbol.asyncDispose]();
    await waitFor(() => expect(count(harness.service, "delete")).toBe(1));
    harness.clock.advance(5_000);
    await disposal;
    expect(harness.events.filter((event) => event.type === "left-open")).toMatchObject([
      { sessionId: lease.id, error: { code: "TIMEOUT" } },
    ]);
  });
});

function sessionAnswer({ expiresMs, nowMs }: { readonly expiresMs: number; readonly nowMs: number }): Scripted {
  const epoch = Date.parse("2026-01-01T00:00:00Z");
  return {
    status: 200,
    headers: { date: new Date(epoch + nowMs).toUTCString() },
    body: {
      library_item_id: "item-1",
      library_item_content_version: "3",
      state: "ACTIVE",
      client_progress: 0,
      expiration_time: new Date(epoch + expiresMs).toISOString(),
    },
  };
}
