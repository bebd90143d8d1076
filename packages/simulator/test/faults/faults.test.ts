import type { DownloadFileInfo, ItemFileInfo } from "@carrel/core";
import { describe, expect, test } from "vitest";
import type { Fault } from "../../src/index.ts";
import { refusalOf } from "../support/refusal.ts";
import { scene } from "../support/scene.ts";
import type { Scene } from "../support/scene.ts";
import { send, until } from "@carrel/test-kit";
import { styles } from "../support/table.ts";

const size = 1_000_000;

async function truth(stage: Scene): Promise<Buffer> {
  return Buffer.from(await stage.simulator.inventory.item("images/appliance").file("disk.vmdk").bytes());
}

describe.each([false, true])("a fault of a transfer, tls: %s", (tls) => {
  const on = "transfer";

  test("status", async () => {
    await using stage = await scene({ tls, faults: [{ on, kind: "status", status: 503, retryAfterSeconds: 2 }] });
    const got = await stage.fetch();
    expect(got).toMatchObject({ status: 503, text: "" });
    expect(got.headers["retry-after"]).toBe("2");
    expect((await stage.fetch()).status).toBe(200);
    expect(stage.simulator.faults.unused).toEqual([]);
  });

  test("reset before the answer", async () => {
    await using stage = await scene({ tls, faults: [{ on, kind: "reset" }] });
    await expect(stage.fetch()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(stage.simulator.journal.at(-1)).toMatchObject({ outcome: "cut", faults: ["reset"] });
    expect((await stage.fetch()).complete).toBe(true);
  });

  test.each([0, 1, 400_000, size - 1])("reset at byte %i", async (atByte) => {
    await using stage = await scene({ tls, faults: [{ on, kind: "reset", atByte }] });
    const got = await stage.fetch();
    expect(got).toMatchObject({ status: 200, complete: false, error: { code: "ECONNRESET" } });
    expect(got.bytes.length).toBeLessThanOrEqual(atByte);
    expect(stage.simulator.journal.at(-1)).toMatchObject({ outcome: "cut", sentBytes: atByte });
  });

  test("stall with stallMs continues after that time", async () => {
    await using stage = await scene({ tls, faults: [{ on, kind: "stall", atByte: 400_000, stallMs: 20 }] });
    expect((await stage.fetch()).bytes.equals(await truth(stage))).toBe(true);
    expect(stage.simulator.faults.unused).toEqual([]);
  });

  test("stall without stallMs ends with the client or with the simulator", async () => {
    const stage = await scene({ tls, faults: [{ on, kind: "stall", atByte: 400_000 }] });
    const got = stage.fetch();
    await until(() => stage.simulator.journal.at(-1)?.faults.includes("stall") ?? false);
    await stage[Symbol.asyncDispose]();
    expect(await got).toMatchObject({ status: 200, complete: false });
  });

  test.each([0, 1, 400_000])("truncate at byte %i: looks complete", async (atByte) => {
    await using stage = await scene({ tls, faults: [{ on, kind: "truncate", atByte }] });
    const got = await stage.fetch();
    expect(got).toMatchObject({ status: 200, complete: true });
    expect(got.headers["content-length"]).toBe(String(atByte));
    expect(got.bytes.equals((await truth(stage)).subarray(0, atByte))).toBe(true);
    const input = { download_session_id: stage.simulator.openSessions[0], file_name: "disk.vmdk" };
    const info = await stage.vcenter.call<DownloadFileInfo>("downloadSession.file.get", input);
    expect(info.checksum_info).toBeDefined();
  });

  test("shortClose without a length looks like the end of the body", async () => {
    await using stage = await scene({ tls, faults: [{ on, kind: "shortClose", atByte: 400_000 }] });
    const got = await stage.fetch();
    expect(got).toMatchObject({ status: 200, complete: true, error: undefined });
    expect(got.headers["content-length"]).toBeUndefined();
    expect(got.headers["transfer-encoding"]).toBeUndefined();
    expect(got.bytes.length).toBe(400_000);
  });

  test("shortClose with a length is detected by any client", async () => {
    await using stage = await scene({ tls, faults: [{ on, kind: "shortClose", atByte: 400_000, keepLength: true }] });
    const got = await stage.fetch();
    expect(got).toMatchObject({ status: 200, complete: false });
    expect(got.headers["content-length"]).toBe(String(size));
    expect(got.bytes.length).toBe(400_000);
  });

  test.each([
    [0, 1],
    [400_000, 1],
    [262_143, 2],
    [size - 1, 5],
  ])("corrupt at byte %i, %i bytes", async (atByte, bytes) => {
    await using stage = await scene({ tls, faults: [{ on, kind: "corrupt", atByte, bytes }] });
    const [got, good] = [await stage.fetch(), await truth(stage)];
    expect(got).toMatchObject({ status: 200, complete: true });
    const wrong = [...got.bytes.keys()].filter((index) => got.bytes[index] !== good[index]);
    expect(got.bytes.length).toBe(size);
    expect(wrong[0]).toBe(atByte);
    expect(wrong.length).toBe(Math.min(bytes, size - atByte));
    expect((await stage.fetch()).bytes.equals(good)).toBe(true);
  });

  test("corrupt does not change the file itself, even where it is a Buffer", async () => {
    await using stage = await scene({ tls, faults: [{ on, kind: "corrupt", atByte: 5 }] });
    const bytes = Buffer.alloc(size, "x");
    stage.simulator.inventory.item("images/appliance").putFile({ name: "disk.vmdk", bytes });
    expect((await stage.fetch()).bytes[5]).toBe(0x78 ^ 0xff);
    expect(bytes[5]).toBe(0x78);
    expect((await stage.fetch()).bytes.equals(bytes)).toBe(true);
  });

  test("extend sends more bytes than the file has", async () => {
    await using stage = await scene({ tls, faults: [{ on, kind: "extend", bytes: 7 }] });
    const got = await stage.fetch();
    expect(got.headers["content-length"]).toBe(String(size + 7));
    expect(got.bytes.length).toBe(size + 7);
    expect(got.bytes.subarray(0, size).equals(await truth(stage))).toBe(true);
  });

  test("htmlPage", async () => {
    await using stage = await scene({ tls, faults: [{ on, kind: "htmlPage" }] });
    const got = await stage.fetch();
    expect(got.status).toBe(200);
    expect(got.headers["content-type"]).toBe("text/html");
    expect(got.text).toContain("<html>");
  });

  test("ignoreRange takes effect only on a request with a range", async () => {
    await using stage = await scene({ tls, faults: [{ on, kind: "ignoreRange", times: "always" }] });
    await stage.fetch();
    expect(stage.simulator.faults.unused).toHaveLength(1);
    const got = await stage.fetch({ headers: { range: "bytes=5-9" } });
    expect(got.status).toBe(200);
    expect(got.bytes.length).toBe(size);
    expect(stage.simulator.faults.unused).toEqual([]);
  });

  test("shiftRange sends another range and states it", async () => {
    await using stage = await scene({ tls, faults: [{ on, kind: "shiftRange", byBytes: -3 }] });
    const got = await stage.fetch({ headers: { range: "bytes=5-9" } });
    expect(got.headers["content-range"]).toBe(`bytes 2-6/${size}`);
    expect(got.bytes.equals((await truth(stage)).subarray(2, 7))).toBe(true);
  });

  test("changeEtag changes the ETag that If-Range is compared with", async () => {
    await using stage = await scene({ tls, faults: [{ on, kind: "changeEtag", use: 2, times: "always" }] });
    const before = (await stage.fetch()).headers.etag ?? "";
    const got = await stage.fetch({ headers: { range: "bytes=5-", "if-range": before } });
    expect(got.status).toBe(200);
    expect(got.headers.etag).not.toBe(before);
  });

  test("redirect", async () => {
    const location = "https://elsewhere.example.test/x";
    const faults: Fault[] = [
      { on, kind: "redirect" },
      { on, kind: "redirect", use: 2, status: 307, location },
    ];
    await using stage = await scene({ tls, faults });
    const got = await stage.fetch();
    expect(got.status).toBe(302);
    const target = new URL(got.headers.location ?? "");
    expect(target.origin).not.toBe(stage.simulator.url.origin);
    expect(target.pathname).toMatch(/^\/cls\/data\/.*\/disk.vmdk$/);
    expect(await stage.fetch()).toMatchObject({ status: 307, headers: { location } });
  });

  test("expireSession before the answer and in the middle of it", async () => {
    await using stage = await scene({
      tls,
      faults: [
        { on, kind: "expireSession" },
        { on, kind: "expireSession", atByte: 400_000 },
      ],
    });
    expect((await stage.fetch()).status).toBe(404);
    const got = await stage.fetch();
    expect(got).toMatchObject({ status: 200, complete: false });
    expect(stage.simulator.openSessions).toEqual([]);
    expect(stage.simulator.faults.unused).toEqual([]);
  });

  test("changeContent between two transfers", async () => {
    await using stage = await scene({ tls, faults: [{ on, kind: "changeContent", file: "disk.vmdk", use: 2 }] });
    const before = await truth(stage);
    expect((await stage.fetch()).bytes.equals(before)).toBe(true);
    const got = await stage.fetch();
    expect(got.bytes.length).toBe(size);
    expect(got.bytes.equals(before)).toBe(false);
    expect(got.bytes.equals(await truth(stage))).toBe(true);
  });
});

describe("positions, uses and names", () => {
  test("atByte is a position in the file, also in a range, and counts only where that byte is sent", async () => {
    const faults: Fault[] = [{ on: "transfer", kind: "reset", atByte: 400_000, times: 2 }];
    await using stage = await scene({ faults });
    const uri = await stage.prepare(await stage.open());
    expect((await send(uri)).complete).toBe(false);
    expect((await send(uri, { headers: { range: "bytes=400001-" } })).complete).toBe(true);
    expect((await send(uri, { headers: { range: "bytes=0-399999" } })).complete).toBe(true);
    const part = await send(uri, { headers: { range: "bytes=399990-" } });
    expect(part.complete).toBe(false);
    expect(part.bytes.length).toBeLessThanOrEqual(10);
    expect((await send(uri)).complete).toBe(true);
  });

  test("file limits a fault to one file, and use counts from the given one", async () => {
    const faults: Fault[] = [{ on: "transfer", file: "disk.vmdk", kind: "status", status: 500, use: 2, times: 2 }];
    await using stage = await scene({ faults });
    const statuses: number[] = [];
    for (const file of ["appliance.ovf", "disk.vmdk", "appliance.ovf", "disk.vmdk", "disk.vmdk", "disk.vmdk"]) {
      statuses.push((await stage.fetch({}, file)).status);
    }
    expect(statuses).toEqual([200, 200, 200, 500, 500, 200]);
  });

  test("several faults take effect in order; of two that replace the answer only the first", async () => {
    const faults: Fault[] = [
      { on: "transfer", kind: "delay", delayMs: 1 },
      { on: "transfer", kind: "ignoreRange" },
      { on: "transfer", kind: "stall", atByte: 10, stallMs: 1 },
      { on: "transfer", kind: "corrupt", atByte: 20 },
      { on: "transfer", kind: "shortClose", atByte: 30 },
      { on: "downloadSession.list", kind: "status", status: 500 },
      { on: "downloadSession.list", kind: "htmlPage" },
    ];
    await using stage = await scene({ faults });
    const got = await stage.fetch({ headers: { range: "bytes=5-" } });
    expect(got.status).toBe(200);
    expect(got.bytes.length).toBe(30);
    expect(got.bytes[20]).toBe(((await truth(stage))[20] ?? 0) ^ 0xff);
    expect(stage.simulator.journal.at(-1)?.faults).toEqual(["delay", "ignoreRange", "stall", "corrupt", "shortClose"]);
    expect((await stage.vcenter.raw("downloadSession.list")).status).toBe(500);
    expect(stage.simulator.faults.unused).toEqual([faults[6]]);
    expect(stage.simulator.faults.planned).toEqual(faults);
    stage.simulator.faults.clear();
    expect(stage.simulator.faults.planned).toEqual([]);
  });

  test("* means every operation and no transfer", async () => {
    await using stage = await scene();
    const uri = await stage.prepare(await stage.open());
    stage.simulator.faults.add({ on: "*", kind: "status", status: 503, times: "always" });
    expect((await send(uri)).status).toBe(200);
    for (const operation of ["library.list", "session.get", "downloadSession.list"]) {
      expect((await stage.vcenter.raw(operation)).status).toBe(503);
    }
  });
});

describe.each(styles)("a fault of an operation in the style %s", (style) => {
  const keepAlive = "downloadSession.keepAlive";

  test.each<[number, string]>([
    [400, "INVALID_ARGUMENT"],
    [401, "UNAUTHENTICATED"],
    [403, "UNAUTHORIZED"],
    [404, "NOT_FOUND"],
    [418, "ERROR"],
    [429, "SERVICE_UNAVAILABLE"],
    [500, "INTERNAL_SERVER_ERROR"],
    [503, "SERVICE_UNAVAILABLE"],
  ])("status %i is %s, and the operation is not performed", async (status, type) => {
    const faults: Fault[] = [{ on: "downloadSession.create", kind: "status", status, retryAfterSeconds: 1 }];
    await using stage = await scene({ faults }, style);
    const got = await stage.vcenter.raw("downloadSession.create", { library_item_id: stage.itemId });
    expect(refusalOf(style, got)).toMatchObject({ status, type });
    expect(got.headers["retry-after"]).toBe("1");
    expect(stage.simulator.openSessions).toEqual([]);
  });

  test("status takes an error type and a message", async () => {
    const faults: Fault[] = [
      { on: keepAlive, kind: "status", status: 500, errorType: "RESOURCE_BUSY", message: "Busy." },
    ];
    await using stage = await scene({ faults }, style);
    const got = await stage.vcenter.raw(keepAlive, { download_session_id: await stage.open() });
    expect(refusalOf(style, got)).toMatchObject({ type: "RESOURCE_BUSY", messages: [{ default_message: "Busy." }] });
  });

  test("loseAnswer performs the operation and sends no answer", async () => {
    await using stage = await scene({ faults: [{ on: "downloadSession.create", kind: "loseAnswer" }] }, style);
    await expect(stage.open()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(stage.simulator.openSessions).toHaveLength(1);
    expect(stage.simulator.journal.at(-1)).toMatchObject({ outcome: "cut", faults: ["loseAnswer"] });
  });

  test("reset does not perform the operation and sends no answer", async () => {
    await using stage = await scene({ faults: [{ on: "downloadSession.create", kind: "reset" }] }, style);
    await expect(stage.open()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(stage.simulator.openSessions).toEqual([]);
  });

  test("delay and a stall that ends", async () => {
    const faults: Fault[] = [
      { on: "library.list", kind: "delay", delayMs: 5 },
      { on: "library.list", kind: "stall", stallMs: 5 },
    ];
    await using stage = await scene({ faults }, style);
    const startedAt = performance.now();
    await stage.vcenter.call("library.list");
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(9);
  });

  test("body replaces the body of the answer", async () => {
    const faults: Fault[] = [
      { on: "library.list", kind: "body", body: '{"value":' },
      { on: "library.list", kind: "body", use: 2, body: "nothing", contentType: "text/plain", status: 202 },
    ];
    await using stage = await scene({ faults }, style);
    expect(await stage.vcenter.raw("library.list")).toMatchObject({ status: 200, text: '{"value":' });
    expect(await stage.vcenter.raw("library.list")).toMatchObject({
      status: 202,
      text: "nothing",
      headers: { "content-type": "text/plain" },
    });
  });

  test("truncate, corrupt and shortClose of the body", async () => {
    const faults: Fault[] = [
      { on: "library.list", kind: "truncate", atByte: 4 },
      { on: "library.list", kind: "corrupt", atByte: 0, use: 2 },
      { on: "library.list", kind: "shortClose", atByte: 4, use: 3, keepLength: true },
    ];
    await using stage = await scene({ faults }, style);
    const good = (await stage.vcenter.raw("localLibrary.list")).bytes;
    expect(await stage.vcenter.raw("library.list")).toMatchObject({ complete: true, bytes: { length: 4 } });
    const corrupt = await stage.vcenter.raw("library.list");
    expect(corrupt.bytes[0]).toBe((good[0] ?? 0) ^ 0xff);
    expect(await stage.vcenter.raw("library.list")).toMatchObject({ complete: false, bytes: { length: 4 } });
  });

  test("htmlPage and redirect", async () => {
    const faults: Fault[] = [
      { on: "library.list", kind: "htmlPage", status: 403 },
      { on: "library.list", kind: "redirect", use: 2 },
    ];
    await using stage = await scene({ faults }, style);
    expect(await stage.vcenter.raw("library.list")).toMatchObject({
      status: 403,
      headers: { "content-type": "text/html" },
    });
    expect((await stage.vcenter.raw("library.list")).headers.location).toContain("://localhost:");
  });

  test("expireSession expires the download session, or every login", async () => {
    const faults: Fault[] = [
      { on: keepAlive, kind: "expireSession" },
      { on: "library.list", kind: "expireSession", session: "api" },
    ];
    await using stage = await scene({ faults }, style);
    const got = await stage.vcenter.raw(keepAlive, { download_session_id: await stage.open() });
    expect(refusalOf(style, got)).toMatchObject({ status: 404, type: "NOT_FOUND" });
    expect((await stage.vcenter.raw("library.list")).status).toBe(401);
    expect(stage.simulator.openApiSessions).toEqual([]);
  });

  test("renameFile renames the file in every later answer and in its URL", async () => {
    const name = "../../etc/passwd";
    const faults: Fault[] = [{ on: "*", kind: "renameFile", file: "disk.vmdk", name }];
    await using stage = await scene({ faults }, style);
    expect(stage.simulator.faults.unused).toHaveLength(1);
    const files = await stage.vcenter.call<ItemFileInfo[]>("item.file.list", { library_item_id: stage.itemId });
    expect(files.map((file) => file.name)).toEqual(["appliance.ovf", name]);
    const got = await stage.fetch({}, name);
    expect(got.bytes.length).toBe(size);
    expect(stage.simulator.faults.unused).toEqual([]);
  });

  test("prepareError sets the status of the file to ERROR, and a second attempt succeeds", async () => {
    const faults: Fault[] = [
      { on: "downloadSession.file.prepare", file: "disk.vmdk", kind: "prepareError", message: "No space left." },
    ];
    await using stage = await scene({ faults }, style);
    const input = { download_session_id: await stage.open(), file_name: "disk.vmdk" };
    const failed = await stage.vcenter.call<DownloadFileInfo>("downloadSession.file.prepare", input);
    expect(failed).toMatchObject({ status: "ERROR", error_message: { default_message: "No space left." } });
    const again = await stage.vcenter.call<DownloadFileInfo>("downloadSession.file.prepare", input);
    expect(again.status).toBe("PREPARED");
  });
});
