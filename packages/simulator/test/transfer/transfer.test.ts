import { request } from "node:https";
import type { DownloadFileInfo } from "@carrel/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { startSimulator, virtualClock } from "../../src/index.ts";
import { scene } from "../support/scene.ts";
import { send, until } from "@carrel/test-kit";

describe("a transfer URL", () => {
  test("serves the file with length, type, validator and the date of the simulator", async () => {
    const clock = virtualClock();
    await using stage = await scene({ clock });
    const got = await stage.fetch();
    expect(got.status).toBe(200);
    expect(got.headers).toMatchObject({
      "content-length": "1000000",
      "content-type": "application/octet-stream",
      "accept-ranges": "bytes",
      date: "Thu, 01 Jan 2026 00:00:00 GMT",
    });
    expect(got.headers.etag).toMatch(/^"[^"]+"$/);
    expect(clock.pending).toBe(0);
    expect(got.bytes.equals(await stage.simulator.inventory.item("images/appliance").file("disk.vmdk").bytes())).toBe(
      true,
    );
  });

  test("serves any range as in RFC 9110", async () => {
    await using stage = await scene();
    const uri = await stage.prepare(await stage.open());
    const size = 1_000_000;
    const whole = Buffer.from(await stage.simulator.inventory.item("images/appliance").file("disk.vmdk").bytes());
    const position = fc.integer({ min: 0, max: size + 10 });
    await fc.assert(
      fc.asyncProperty(position, fc.option(position), async (first, last) => {
        const got = await send(uri, { headers: { range: `bytes=${first}-${last ?? ""}` } });
        if (last !== null && last < first) {
          expect(got.status).toBe(200);
        } else if (first >= size) {
          expect(got.status).toBe(416);
          expect(got.headers["content-range"]).toBe(`bytes */${size}`);
          expect(got.bytes.length).toBe(0);
        } else {
          const end = Math.min(last ?? size, size - 1);
          expect(got.status).toBe(206);
          expect(got.headers["content-range"]).toBe(`bytes ${first}-${end}/${size}`);
          expect(got.headers["content-length"]).toBe(String(end - first + 1));
          expect(got.bytes.equals(whole.subarray(first, end + 1))).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
    const suffix = await send(uri, { headers: { range: "bytes=-10" } });
    expect(suffix.headers["content-range"]).toBe(`bytes ${size - 10}-${size - 1}/${size}`);
    expect(suffix.bytes.equals(whole.subarray(-10))).toBe(true);
    for (const range of ["bytes=0-1,5-6", "items=0-1", "bytes=-", "bytes=a-b"]) {
      expect((await send(uri, { headers: { range } })).status).toBe(200);
    }
    expect((await send(uri, { headers: { range: "bytes=-0" } })).status).toBe(416);
  });

  test("honours If-Range, unless ifRange is false", async () => {
    for (const ifRange of [true, false]) {
      await using stage = await scene({ transfer: { ifRange } });
      const uri = await stage.prepare(await stage.open());
      const etag = (await send(uri, { method: "HEAD" })).headers.etag ?? "";
      const status = async (value: string): Promise<number> =>
        (await send(uri, { headers: { range: "bytes=5-", "if-range": value } })).status;
      expect(await status(etag)).toBe(206);
      expect(await status('"other"')).toBe(ifRange ? 200 : 206);
    }
  });

  test("works without Range, HEAD, ETag and Content-Length", async () => {
    await using stage = await scene({ transfer: { ranges: false, head: false, etag: false, contentLength: false } });
    const uri = await stage.prepare(await stage.open());
    const got = await send(uri, { headers: { range: "bytes=5-" } });
    expect(got.status).toBe(200);
    expect(got.headers).toMatchObject({ "transfer-encoding": "chunked" });
    for (const name of ["content-length", "etag", "accept-ranges"]) expect(got.headers[name]).toBeUndefined();
    expect(got.bytes.length).toBe(1_000_000);
    expect((await send(uri, { method: "HEAD" })).status).toBe(405);
    expect((await send(uri, { method: "DELETE" })).status).toBe(405);
  });

  test("answers HEAD like GET, without the body", async () => {
    await using stage = await scene();
    const uri = await stage.prepare(await stage.open());
    const got = await send(uri, { method: "HEAD" });
    expect(got.headers["content-length"]).toBe("1000000");
    expect(got.bytes.length).toBe(0);
    const part = await send(uri, { method: "HEAD", headers: { range: "bytes=10-19" } });
    expect(part).toMatchObject({ status: 206 });
    expect(part.headers["content-range"]).toBe("bytes 10-19/1000000");
  });

  test("serves an empty file, and file names with any character", async () => {
    await using simulator = await startSimulator();
    const names = ["empty", "a b.iso", "100%.iso", "../up.iso", "ümlaut?#&.iso", "back\\slash", "new\nline", "C:evil"];
    const item = simulator.inventory.addLibrary({ name: "l" }).addItem({
      name: "i",
      files: names.map((name) => ({ name, text: name === "empty" ? "" : name })),
    });
    await using stage = await scene();
    const { connect } = await import("../support/connect.ts");
    const vcenter = await connect(simulator);
    const id = await vcenter.call<string>("downloadSession.create", { library_item_id: item.id });
    for (const name of names) {
      const input = { download_session_id: id, file_name: name };
      const info = await vcenter.call<DownloadFileInfo>("downloadSession.file.prepare", input);
      const got = await send(info.download_endpoint?.uri ?? "");
      expect(got.text).toBe(name === "empty" ? "" : name);
      const after = await vcenter.call<DownloadFileInfo>("downloadSession.file.get", input);
      expect(after.checksum_info).toBeDefined();
    }
    expect(stage.simulator.openSessions).toEqual([]);
  });

  test("may be on a second server with its own certificate, which serves nothing else", async () => {
    await using stage = await scene({ tls: true, transferOrigin: "own" });
    const { simulator } = stage;
    const id = await stage.open();
    const uri = await stage.prepare(id);
    expect(new URL(uri).origin).toBe(simulator.transferUrl.origin);
    expect(simulator.transferUrl.origin).not.toBe(simulator.url.origin);
    expect(simulator.transferCertificate?.sha256).not.toBe(simulator.certificate?.sha256);
    const input = { download_session_id: id, file_name: "disk.vmdk" };
    const info = await stage.vcenter.call<DownloadFileInfo>("downloadSession.file.get", input);
    expect(info.download_endpoint?.ssl_certificate_thumbprint).toBe(simulator.transferCertificate?.sha1);
    const headers = { "vmware-api-session-id": "leaked" };
    const ca = simulator.transferCertificate?.pem;
    expect((await send(uri, { headers }, ca)).status).toBe(200);
    expect(simulator.journal.at(-1)).toMatchObject({
      server: "transfer",
      requestHeaders: { "vmware-api-session-id": "[redacted]" },
    });
    expect((await send(new URL("/api/session", simulator.transferUrl), { method: "POST" }, ca)).status).toBe(404);
    await expect(send(uri, {}, simulator.certificate?.pem)).rejects.toThrow(/certificate/);
  });
});

describe("when a session ends, its running transfers", () => {
  test.each([
    ["cut", false],
    ["end", true],
  ] as const)("are %s", async (onSessionEnd, complete) => {
    await using stage = await scene({
      transfer: { onSessionEnd, contentLength: false },
      faults: [{ on: "transfer", kind: "stall", atByte: 400_000, stallMs: 100 }],
    });
    const id = await stage.open();
    const uri = await stage.prepare(id);
    const got = send(uri);
    await until(() => stage.simulator.journal.at(-1)?.sentBytes === 400_000);
    await stage.vcenter.call("downloadSession.cancel", { download_session_id: id });
    expect(await got).toMatchObject({ status: 200, complete });
    // A reset may overtake bytes that are on their way.
    if (complete) expect((await got).bytes.length).toBe(400_000);
    else expect((await got).bytes.length).toBeLessThanOrEqual(400_000);
  });

  test("continue with onSessionEnd: continue", async () => {
    await using stage = await scene({
      transfer: { onSessionEnd: "continue" },
      faults: [{ on: "transfer", kind: "expireSession", atByte: 400_000 }],
    });
    const got = await stage.fetch();
    expect(got).toMatchObject({ status: 200, complete: true });
    expect(got.bytes.length).toBe(1_000_000);
    expect(stage.simulator.openSessions).toEqual([]);
  });

  test("are cut when it expires, even without another request", async () => {
    const clock = virtualClock();
    await using stage = await scene({ clock, faults: [{ on: "transfer", kind: "stall", atByte: 400_000 }] });
    const uri = await stage.prepare(await stage.open());
    const got = send(uri);
    await until(() => stage.simulator.journal.at(-1)?.faults.includes("stall") ?? false);
    await clock.advance(300_000);
    expect(await got).toMatchObject({ status: 200, complete: false });
    await until(() => stage.simulator.journal.at(-1)?.outcome === "cut");
    expect(clock.pending).toBe(0);
  });

  test("extend it where transfer is an activity", async () => {
    const clock = virtualClock();
    await using stage = await scene({
      clock,
      lease: { activity: ["transfer"] },
      faults: [{ on: "transfer", kind: "stall", atByte: 500_000, stallMs: 200_000 }],
    });
    const uri = await stage.prepare(await stage.open());
    const got = send(uri);
    await until(() => stage.simulator.journal.at(-1)?.faults.includes("stall") ?? false);
    await clock.advance(200_000);
    expect(await got).toMatchObject({ status: 200, complete: true });
    await clock.advance(299_999);
    expect(stage.simulator.openSessions).toHaveLength(1);
  });
});

test("poolSize limits how many transfers run, and the others wait for their turn", async () => {
  const clock = virtualClock();
  await using stage = await scene({
    clock,
    transfer: { poolSize: 2 },
    faults: [{ on: "transfer", kind: "stall", atByte: 100, stallMs: 1000, times: 2 }],
  });
  const uri = await stage.prepare(await stage.open());
  const running = [send(uri), send(uri)];
  const transfers = (): readonly { readonly status?: number }[] =>
    stage.simulator.journal.filter((exchange) => exchange.kind === "transfer");
  await until(() => clock.pending === 4);
  const waiting = [send(uri), send(uri), send(uri)];
  await until(() => transfers().length === 5);
  expect(transfers().map((exchange) => exchange.status)).toEqual([200, 200, undefined, undefined, undefined]);
  await clock.advance(1000);
  for (const got of await Promise.all([...running, ...waiting])) expect(got.bytes.length).toBe(1_000_000);
});

test("poolSize: a client that disconnects leaves the queue", async () => {
  const clock = virtualClock();
  await using stage = await scene({
    clock,
    tls: true,
    transfer: { poolSize: 1 },
    faults: [{ on: "transfer", kind: "stall", atByte: 100, stallMs: 1000 }],
  });
  const ca = stage.simulator.certificate?.pem;
  const uri = await stage.prepare(await stage.open());
  const running = send(uri, {}, ca);
  await until(() => stage.simulator.journal.at(-1)?.faults.includes("stall") ?? false);
  const leaving = request(uri, { ca: ca ?? "", agent: false }).on("error", () => {});
  leaving.end();
  await until(
    () => stage.simulator.journal.at(-1)?.outcome === "pending" && stage.simulator.journal.at(-1)?.status === undefined,
  );
  leaving.destroy();
  await until(() => stage.simulator.journal.at(-1)?.outcome === "aborted");
  const last = send(uri, {}, ca);
  await clock.advance(1000);
  expect((await running).complete).toBe(true);
  expect((await last).complete).toBe(true);
});

test("bytesPerSecond limits the rate", async () => {
  const clock = virtualClock();
  await using stage = await scene({ clock, transfer: { bytesPerSecond: 100_000 } });
  const uri = await stage.prepare(await stage.open());
  const got = send(uri);
  await until(() => (stage.simulator.journal.at(-1)?.sentBytes ?? 0) > 0);
  for (let second = 0; second < 9; second++) {
    for (let step = 0; step < 20; step++) {
      const sent = stage.simulator.journal.at(-1)?.sentBytes ?? 0;
      await clock.advance(50);
      await until(() => (stage.simulator.journal.at(-1)?.sentBytes ?? 0) > sent);
    }
  }
  expect(stage.simulator.journal.at(-1)?.sentBytes).toBeLessThan(1_000_000);
  expect(stage.simulator.journal.at(-1)?.sentBytes).toBeGreaterThanOrEqual(800_000);
  while (stage.simulator.journal.at(-1)?.outcome === "pending") await clock.advance(50);
  expect((await got).complete).toBe(true);
});

test("the journal distinguishes a client that disconnects from a cut", async () => {
  await using stage = await scene({ tls: true, transfer: { bytesPerSecond: 1_000_000 } });
  const ca = stage.simulator.certificate?.pem ?? "";
  for (let count = 0; count < 5; count++) {
    const uri = await stage.prepare(await stage.open());
    const leaving = request(uri, { ca, agent: false }).on("error", () => {});
    leaving.on("response", (response) => response.once("data", () => leaving.destroy())).end();
    await until(
      () =>
        stage.simulator.journal.at(-1)?.kind === "transfer" && stage.simulator.journal.at(-1)?.outcome !== "pending",
    );
    expect(stage.simulator.journal.at(-1)?.outcome).toBe("aborted");
  }
});
