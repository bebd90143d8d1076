import type { DownloadFileInfo, ItemModel, LibraryModel } from "@carrel/core";
import { describe, expect, test } from "vitest";
import { virtualClock } from "../../src/index.ts";
import type { SimulatorOptions } from "../../src/index.ts";
import { refusalOf } from "../support/refusal.ts";
import { scene } from "../support/scene.ts";
import type { Scene } from "../support/scene.ts";
import { send } from "@carrel/test-kit";

async function info(stage: Scene, id: string, operation = "get", file = "disk.vmdk"): Promise<DownloadFileInfo> {
  const input = { download_session_id: id, file_name: file };
  return stage.vcenter.call<DownloadFileInfo>(`downloadSession.file.${operation}`, input);
}

describe("preparing a file", () => {
  test("passes through its states with an increasing number of bytes", async () => {
    const clock = virtualClock();
    await using stage = await scene({ clock, prepare: { requestedMs: 100, preparingMs: 1000 } });
    const id = await stage.open();
    expect(await info(stage, id)).toMatchObject({ status: "UNPREPARED", bytes_transferred: 0 });
    expect(await info(stage, id, "prepare")).toMatchObject({ status: "PREPARE_REQUESTED", bytes_transferred: 0 });
    await clock.advance(100);
    expect(await info(stage, id)).toMatchObject({ status: "PREPARING", bytes_transferred: 0 });
    await clock.advance(250);
    expect(await info(stage, id)).toMatchObject({ status: "PREPARING", bytes_transferred: 250_000 });
    await clock.advance(500);
    const again = await info(stage, id, "prepare");
    expect(again).toMatchObject({ status: "PREPARING", bytes_transferred: 750_000 });
    expect(again.download_endpoint).toBeUndefined();
    await clock.advance(250);
    const ready = await info(stage, id);
    expect(ready).toMatchObject({ status: "PREPARED", bytes_transferred: 1_000_000 });
    expect((await send(ready.download_endpoint?.uri ?? "")).status).toBe(200);
  });

  test("of an unknown file is INVALID_ARGUMENT", async () => {
    await using stage = await scene();
    const input = { download_session_id: await stage.open(), file_name: "strange" };
    for (const operation of ["get", "prepare"]) {
      const got = await stage.vcenter.raw(`downloadSession.file.${operation}`, input);
      expect(refusalOf("api", got)).toMatchObject({ status: 400, type: "INVALID_ARGUMENT" });
    }
  });

  test("returns one token for all files of a session, and another one for each session", async () => {
    await using stage = await scene();
    const token = (uri: string): string | undefined => /\/cls\/data\/([^/]+)\//.exec(uri)?.[1];
    const [one, other] = [await stage.open(), await stage.open()];
    const first = token(await stage.prepare(one));
    expect(token(await stage.prepare(one, "appliance.ovf"))).toBe(first);
    expect(token(await stage.prepare(other))).not.toBe(first);
  });

  test("a file that was not prepared has no URL, even with the right token", async () => {
    await using stage = await scene();
    const uri = await stage.prepare(await stage.open(), "appliance.ovf");
    expect((await send(uri.replace("appliance.ovf", "disk.vmdk"))).status).toBe(404);
  });

  test("returns a path on storage for DIRECT", async () => {
    await using stage = await scene();
    const got = await stage.vcenter.call<DownloadFileInfo>("downloadSession.file.prepare", {
      download_session_id: await stage.open(),
      file_name: "disk.vmdk",
      endpoint_type: "DIRECT",
    });
    expect(got.download_endpoint?.uri).toMatch(/^ds:\/\/\//);
  });

  test.each<[NonNullable<SimulatorOptions["report"]>, boolean[], boolean[]]>([
    [{}, [true, true, true], [false, false, true]],
    [{ size: "prepared", checksum: "prepared" }, [false, true, true], [false, true, true]],
    [{ size: "downloaded", checksum: "always" }, [false, false, true], [true, true, true]],
    [{ size: "never", checksum: "never" }, [false, false, false], [false, false, false]],
  ])("reports size and checksum by the rules %j", async (report, sizes, checksums) => {
    await using stage = await scene({ report });
    const id = await stage.open();
    const before = await info(stage, id);
    const prepared = await info(stage, id, "prepare");
    await send(prepared.download_endpoint?.uri ?? "");
    const infos = [before, prepared, await info(stage, id)];
    expect(infos.map((each) => each.size !== undefined)).toEqual(sizes);
    expect(infos.map((each) => each.checksum_info !== undefined)).toEqual(checksums);
  });

  test("a checksum is reported once the last byte was sent, also by a range, and not before", async () => {
    await using stage = await scene({ report: { checksumAlgorithm: "SHA1" } });
    const id = await stage.open();
    const uri = await stage.prepare(id);
    await send(uri, { headers: { range: "bytes=0-499999" } });
    await send(uri, { method: "HEAD" });
    expect((await info(stage, id)).checksum_info).toBeUndefined();
    await send(uri, { headers: { range: "bytes=500000-" } });
    const truth = await stage.simulator.inventory.item("images/appliance").file("disk.vmdk").digest("SHA1");
    expect((await info(stage, id)).checksum_info).toEqual({ algorithm: "SHA1", checksum: truth });
  });

  test("reports what states says in place of the truth", async () => {
    const states = { sizeBytes: 7, checksum: { algorithm: "MD5" as const, checksum: "00" } };
    const files = [{ name: "a.iso", text: "content", states }];
    await using stage = await scene({ report: { itemChecksum: true, checksum: "always" } });
    const item = stage.simulator.inventory.library("images").addItem({ name: "liar", files });
    const expected = { size: 7, checksum_info: states.checksum };
    expect(await stage.vcenter.call("item.file.list", { library_item_id: item.id })).toMatchObject([expected]);
    const id = await stage.vcenter.call<string>("downloadSession.create", { library_item_id: item.id });
    expect(await info(stage, id, "get", "a.iso")).toMatchObject(expected);
  });
});

describe("an item that is not cached", () => {
  test("must be synchronised first", async () => {
    const clock = virtualClock();
    await using stage = await scene({ clock, prepare: { syncMs: 1000 } });
    const { vcenter, remoteItemId } = stage;
    const id = await vcenter.call<string>("downloadSession.create", { library_item_id: remoteItemId });
    const refused = await info(stage, id, "prepare", "remote.iso");
    expect(refused.status).toBe("ERROR");
    expect(refused.error_message?.default_message).toContain("synchronise");
    const item = (): Promise<ItemModel> => vcenter.call<ItemModel>("item.get", { library_item_id: remoteItemId });
    const sync = { library_item_id: remoteItemId, force_sync_content: false };
    await vcenter.call("subscribedItem.sync", sync);
    await clock.advance(1000);
    expect(await item()).toMatchObject({ cached: false, size: 0 });
    await vcenter.call("subscribedItem.sync", { ...sync, force_sync_content: true });
    expect(await item()).toMatchObject({ cached: false });
    await clock.advance(1000);
    expect(await item()).toMatchObject({ cached: true, size: 300_000 });
    expect(await info(stage, id, "prepare", "remote.iso")).toMatchObject({ status: "PREPARED" });
  });

  test("is fetched by prepare with uncached: fetch", async () => {
    const clock = virtualClock();
    await using stage = await scene({ clock, prepare: { uncached: "fetch", preparingMs: 1000 } });
    const id = await stage.vcenter.call<string>("downloadSession.create", { library_item_id: stage.remoteItemId });
    expect(await info(stage, id, "prepare", "remote.iso")).toMatchObject({ status: "PREPARING" });
    await clock.advance(1000);
    expect(await info(stage, id, "get", "remote.iso")).toMatchObject({ status: "PREPARED" });
    expect(stage.simulator.inventory.item("mirror/remote").cached).toBe(true);
  });

  test("cannot be synchronised in a local library", async () => {
    await using stage = await scene();
    const got = await stage.vcenter.raw("subscribedItem.sync", {
      library_item_id: stage.itemId,
      force_sync_content: true,
    });
    expect(refusalOf("api", got)).toMatchObject({ status: 400, type: "INVALID_ELEMENT_TYPE" });
  });
});

describe("a subscribed library that is synchronised", () => {
  const library = { name: "Branch", type: "SUBSCRIBED", items: [{ name: "a", cached: false, files: [] }] } as const;

  test("has its content and a new time when that ends, and a second call until then changes nothing", async () => {
    const clock = virtualClock();
    await using stage = await scene({ clock, prepare: { syncMs: 1000 } });
    const { vcenter, simulator } = stage;
    const { id } = simulator.inventory.addLibrary(library);
    const get = (): Promise<LibraryModel> => vcenter.call<LibraryModel>("library.get", { library_id: id });
    const { last_sync_time: before } = await get();
    await clock.advance(5000);
    await vcenter.call("subscribedLibrary.sync", { library_id: id });
    await clock.advance(999);
    await vcenter.call("subscribedLibrary.sync", { library_id: id });
    expect(await get()).toMatchObject({ last_sync_time: before });
    expect(simulator.inventory.item("Branch/a").cached).toBe(false);
    await clock.advance(1);
    expect(Date.parse((await get()).last_sync_time ?? "")).toBe(Date.parse(before ?? "") + 6000);
    expect(simulator.inventory.item("Branch/a").cached).toBe(true);
  });

  test("has no more content than before where it is on demand", async () => {
    await using stage = await scene();
    const { id } = stage.simulator.inventory.addLibrary({ ...library, onDemand: true });
    await stage.vcenter.call("subscribedLibrary.sync", { library_id: id });
    expect(stage.simulator.inventory.item("Branch/a").cached).toBe(false);
  });

  test("cannot be a local one", async () => {
    await using stage = await scene();
    const { id } = stage.simulator.inventory.library("images");
    const got = await stage.vcenter.raw("subscribedLibrary.sync", { library_id: id });
    expect(refusalOf("api", got)).toMatchObject({ status: 400, type: "INVALID_ELEMENT_TYPE" });
  });
});

test("a session keeps its content version when the item changes, and transfers send the new bytes", async () => {
  await using stage = await scene();
  const item = stage.simulator.inventory.item("images/appliance");
  const id = await stage.open();
  const uri = await stage.prepare(id);
  const before = await send(uri);
  item.putFile({ name: "disk.vmdk", text: "other" });
  expect(item.contentVersion).toBe("2");
  const session = await stage.vcenter.call("downloadSession.get", { download_session_id: id });
  expect(session).toMatchObject({ library_item_content_version: "1" });
  const after = await send(uri);
  expect(after.text).toBe("other");
  expect(after.headers.etag).not.toBe(before.headers.etag);
  item.removeFile("disk.vmdk");
  expect((await send(uri)).status).toBe(404);
});
