import type { DownloadSessionModel } from "@carrel/core";
import { describe, expect, test } from "vitest";
import { virtualClock } from "../../src/index.ts";
import { refusalOf } from "../support/refusal.ts";
import { scene } from "../support/scene.ts";
import { send } from "@carrel/test-kit";
import { styles } from "../support/table.ts";

const lifeMs = 300_000;

describe("a download session", () => {
  test("expires five minutes after the last activity, and its URLs answer 404", async () => {
    const clock = virtualClock();
    await using stage = await scene({ clock });
    const id = await stage.open();
    const uri = await stage.prepare(id);
    const model = await stage.vcenter.call<DownloadSessionModel>("downloadSession.get", { download_session_id: id });
    expect(model.expiration_time).toBe(new Date(clock.wall() + lifeMs).toISOString());
    await clock.advance(lifeMs - 1);
    expect((await send(uri)).status).toBe(200);
    expect(stage.simulator.openSessions).toEqual([id]);
    await clock.advance(1);
    expect((await send(uri)).status).toBe(404);
    const got = await stage.vcenter.raw("downloadSession.get", { download_session_id: id });
    expect(refusalOf("api", got)).toMatchObject({ status: 404, type: "NOT_FOUND" });
    expect(stage.simulator.openSessions).toEqual([]);
  });

  test.each([
    ["downloadSession.get", {}],
    ["downloadSession.keepAlive", {}],
    ["downloadSession.file.list", {}],
    ["downloadSession.file.get", { file_name: "disk.vmdk" }],
    ["downloadSession.file.prepare", { file_name: "disk.vmdk" }],
  ] as const)("is extended by %s, unless that is not an activity", async (operation, input) => {
    for (const activity of [undefined, ["transfer"] as const]) {
      const clock = virtualClock();
      await using stage = await scene({ clock, ...(activity ? { lease: { activity } } : {}) });
      const id = await stage.open();
      await clock.advance(lifeMs - 1);
      await stage.vcenter.call(operation, { download_session_id: id, ...input });
      await clock.advance(lifeMs - 1);
      expect(stage.simulator.openSessions).toEqual(activity ? [] : [id]);
    }
  });

  test("is extended by list, if it is in the list", async () => {
    const clock = virtualClock();
    await using stage = await scene({ clock });
    const id = await stage.open();
    await clock.advance(lifeMs - 1);
    expect(await stage.vcenter.call("downloadSession.list", { library_item_id: stage.remoteItemId })).toEqual([]);
    expect(await stage.vcenter.call("downloadSession.list")).toEqual([id]);
    await clock.advance(lifeMs - 1);
    expect(stage.simulator.openSessions).toEqual([id]);
  });

  test("is in the state ERROR until cleanUpDelayMs has passed", async () => {
    const clock = virtualClock();
    await using stage = await scene({ clock, lease: { lifeMs: 1000, cleanUpDelayMs: 500 } });
    const input = { download_session_id: await stage.open() };
    await clock.advance(1000);
    const model = await stage.vcenter.call<DownloadSessionModel>("downloadSession.get", input);
    expect(model).toMatchObject({ state: "ERROR", error_message: { args: [input.download_session_id] } });
    const got = await stage.vcenter.raw("downloadSession.keepAlive", input);
    expect(refusalOf("api", got)).toMatchObject({ status: 400, type: "NOT_ALLOWED_IN_CURRENT_STATE" });
    await clock.advance(500);
    expect((await stage.vcenter.raw("downloadSession.get", input)).status).toBe(404);
  });

  test("accepts only progress that increases", async () => {
    await using stage = await scene();
    const session = { download_session_id: await stage.open() };
    await stage.vcenter.call("downloadSession.keepAlive", { ...session, progress: 40 });
    for (const progress of [40, 39, 101, -1, 1.5, "50"]) {
      const got = await stage.vcenter.raw("downloadSession.keepAlive", { ...session, progress });
      expect(refusalOf("api", got)).toMatchObject({ status: 400, type: "INVALID_ARGUMENT" });
    }
    expect(stage.simulator.downloadSessions).toMatchObject([{ progressPercent: 40, state: "ACTIVE" }]);
  });

  test.each([
    ["cancel", "CANCELED", {}],
    ["fail", "ERROR", { client_error_message: "disk full" }],
  ] as const)("exists after %s until it is deleted, in the state %s", async (how, state, input) => {
    const clock = virtualClock();
    await using stage = await scene({ clock });
    const id = await stage.open();
    const uri = await stage.prepare(id);
    const session = { download_session_id: id };
    await stage.vcenter.call(`downloadSession.${how}`, { ...session, ...input });
    await clock.advance(5 * lifeMs);
    const model = await stage.vcenter.call<DownloadSessionModel>("downloadSession.get", session);
    expect(model.state).toBe(state);
    if (how === "fail") expect(model.error_message?.default_message).toContain("disk full");
    expect((await send(uri)).status).toBe(404);
    expect(stage.simulator.openSessions).toEqual([]);
    for (const operation of ["keepAlive", "cancel", "file.prepare"]) {
      const got = await stage.vcenter.raw(`downloadSession.${operation}`, {
        ...session,
        ...(operation === "file.prepare" ? { file_name: "disk.vmdk" } : {}),
      });
      expect(refusalOf("api", got)).toMatchObject({ status: 400, type: "NOT_ALLOWED_IN_CURRENT_STATE" });
    }
    await stage.vcenter.call("downloadSession.delete", session);
    expect(stage.simulator.downloadSessions).toEqual([]);
  });

  test("has the params of its message as a map in the modern style, and as a list in the legacy one", async () => {
    for (const style of styles) {
      await using stage = await scene({}, style);
      const session = { download_session_id: await stage.open() };
      await stage.vcenter.call("downloadSession.fail", { ...session, client_error_message: "disk full" });
      const value = { s: "disk full" };
      expect(await stage.vcenter.call("downloadSession.get", session)).toMatchObject({
        error_message: { params: style === "api" ? { message: value } : [{ key: "message", value }] },
      });
    }
  });

  test("is expired by expireDownloadSessions, one or all", async () => {
    await using stage = await scene();
    const [first, second] = [await stage.open(), await stage.open()];
    stage.simulator.expireDownloadSessions(first);
    expect(stage.simulator.openSessions).toEqual([second]);
    stage.simulator.expireDownloadSessions();
    expect(stage.simulator.openSessions).toEqual([]);
  });

  test("is listed for its item only", async () => {
    await using stage = await scene();
    const id = await stage.open();
    expect(await stage.vcenter.call("downloadSession.list", { library_item_id: stage.itemId })).toEqual([id]);
    const got = await stage.vcenter.raw("downloadSession.list", { library_item_id: "strange" });
    expect(got.status).toBe(404);
  });
});

describe("a login", () => {
  test("expires when it is idle, and transfers do not count as use", async () => {
    const clock = virtualClock();
    await using stage = await scene({ clock, apiSessions: { idleMs: 1000 } });
    const uri = await stage.prepare(await stage.open());
    await clock.advance(999);
    await stage.vcenter.call("session.get");
    await clock.advance(999);
    expect((await send(uri)).status).toBe(200);
    await clock.advance(1);
    const got = await stage.vcenter.raw("session.get");
    expect(refusalOf("api", got)).toMatchObject({ status: 401, type: "UNAUTHENTICATED" });
    expect(stage.simulator.openApiSessions).toEqual([]);
  });

  test("expires after its absolute time, however much it is used", async () => {
    const clock = virtualClock();
    await using stage = await scene({ clock, apiSessions: { idleMs: 600, absoluteMs: 1000 } });
    await clock.advance(500);
    await stage.vcenter.call("session.get");
    await clock.advance(500);
    expect((await stage.vcenter.raw("session.get")).status).toBe(401);
  });

  test("reports its times, and is ended by expireApiSessions", async () => {
    const clock = virtualClock(new Date("2026-02-03T04:05:06.789Z"));
    await using stage = await scene({ clock });
    await clock.advance(1000);
    expect(await stage.vcenter.call("session.get")).toEqual({
      user: stage.simulator.credentials.username,
      created_time: "2026-02-03T04:05:06.789Z",
      last_accessed_time: "2026-02-03T04:05:07.789Z",
    });
    const got = await stage.vcenter.raw("session.get");
    expect(got.headers.date).toBe("Tue, 03 Feb 2026 04:05:07 GMT");
    stage.simulator.expireApiSessions();
    expect((await stage.vcenter.raw("session.get")).status).toBe(401);
  });
});
