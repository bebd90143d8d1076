import type { ItemFileInfo } from "@carrel/core";
import { describe, expect, test } from "vitest";
import type { UpdateFileInfo, UpdateSessionModel } from "../src/gen/models.gen.ts";
import { startSimulator, virtualClock } from "../src/index.ts";
import type { SimulatorOptions } from "../src/index.ts";
import { connect } from "./support/connect.ts";
import type { Connection } from "./support/connect.ts";
import { refusalOf } from "./support/refusal.ts";
import { scene } from "./support/scene.ts";
import { hexDigest, send, sha256 } from "@carrel/test-kit";
import { styles } from "./support/table.ts";

async function begin(vcenter: Connection, itemId: string): Promise<{ update_session_id: string }> {
  const id = await vcenter.call<string>("updateSession.create", { library_item_id: itemId });
  return { update_session_id: id };
}

describe.each(styles)("filling the simulator as a real client would, in the style %s", (style) => {
  test("makes a library, an item and files that can be downloaded", async () => {
    await using simulator = await startSimulator({ tls: true });
    const ca = simulator.certificate?.pem;
    const vcenter = await connect(simulator, style);
    const libraryId = await vcenter.call<string>("localLibrary.create", {
      name: "lib1",
      type: "LOCAL",
      storage_backings: [{ type: "DATASTORE", datastore_id: "datastore-59" }],
    });
    const item = { name: "item1", type: "iso", library_id: libraryId };
    const itemId = await vcenter.call<string>("item.create", item);
    const session = await begin(vcenter, itemId);
    const bytes = Buffer.alloc(300_000, 7);
    const added = await vcenter.call<UpdateFileInfo>("updateSession.file.add", {
      ...session,
      name: "disk.iso",
      source_type: "PUSH",
      size: bytes.length,
      checksum_info: { algorithm: "SHA256", checksum: sha256(bytes).toUpperCase() },
    });
    expect(added).toMatchObject({ status: "WAITING_FOR_TRANSFER", bytes_transferred: 0 });
    expect(added.upload_endpoint?.ssl_certificate_thumbprint).toBe(simulator.certificate?.sha1);
    const refused = await vcenter.raw("updateSession.complete", session);
    expect(refusalOf(style, refused)).toMatchObject({ type: "NOT_ALLOWED_IN_CURRENT_STATE" });
    const validation = await vcenter.call("updateSession.file.validate", session);
    expect(validation).toEqual({ has_errors: true, missing_files: ["disk.iso"], invalid_files: [] });
    const put = await send(added.upload_endpoint?.uri ?? "", { method: "PUT", body: bytes }, ca);
    expect(put.status).toBe(200);
    expect(simulator.journal.at(-1)).toMatchObject({ kind: "upload", file: "disk.iso", receivedBytes: bytes.length });
    expect(await vcenter.call("updateSession.file.list", session)).toMatchObject([{ status: "READY" }]);
    await vcenter.call("updateSession.keepAlive", { ...session, client_progress: 100 });
    await vcenter.call("updateSession.complete", session);
    expect(await vcenter.call("updateSession.get", session)).toMatchObject({ state: "DONE", client_progress: 100 });
    await vcenter.call("updateSession.delete", session);
    const stored = simulator.inventory.item("lib1/item1");
    expect(stored.contentVersion).toBe("2");
    expect(Buffer.from(await stored.file("disk.iso").bytes()).equals(bytes)).toBe(true);
    await vcenter.call("item.delete", { library_item_id: itemId });
    await vcenter.call("localLibrary.delete", { library_id: libraryId });
    expect(simulator.inventory.libraries).toEqual([]);
  });

  test("updateSession.create is RESOURCE_BUSY while the item has another one", async () => {
    await using stage = await scene({}, style);
    const session = await begin(stage.vcenter, stage.itemId);
    const got = await stage.vcenter.raw("updateSession.create", { library_item_id: stage.itemId });
    expect(refusalOf(style, got)).toMatchObject({ status: style === "api" ? 500 : 400, type: "RESOURCE_BUSY" });
    const kept = await stage.vcenter.raw("updateSession.delete", session);
    expect(refusalOf(style, kept)).toMatchObject({ status: 400, type: "NOT_ALLOWED_IN_CURRENT_STATE" });
    await stage.vcenter.call("updateSession.cancel", session);
    await begin(stage.vcenter, stage.itemId);
  });
});

test("an upload of wrong bytes sets the file to ERROR, and may be repeated", async () => {
  await using stage = await scene();
  const session = await begin(stage.vcenter, stage.itemId);
  const file = { ...session, file_name: "a.txt" };
  const added = await stage.vcenter.call<UpdateFileInfo>("updateSession.file.add", {
    ...session,
    name: "a.txt",
    source_type: "PUSH",
    size: 4,
    checksum_info: { checksum: hexDigest("sha1", "good") },
  });
  const uri = added.upload_endpoint?.uri ?? "";
  for (const [body, status, message] of [
    ["longer", "ERROR", "6 bytes, not 4"],
    ["evil", "ERROR", "SHA1"],
    ["good", "READY", undefined],
  ] as const) {
    await send(uri, { method: "PUT", body });
    const info = await stage.vcenter.call<UpdateFileInfo>("updateSession.file.get", file);
    expect(info).toMatchObject({ status });
    if (message === undefined) expect(info.error_message).toBeUndefined();
    else expect(info.error_message?.default_message).toContain(message);
  }
  await stage.vcenter.call("updateSession.cancel", session);
  expect((await send(uri, { method: "PUT", body: "good" })).status).toBe(404);
  expect(stage.simulator.inventory.item("images/appliance").files).toHaveLength(2);
});

test("updateSession.file removes files, and adds empty ones without bytes", async () => {
  await using stage = await scene();
  const session = await begin(stage.vcenter, stage.itemId);
  await stage.vcenter.call("updateSession.file.remove", { ...session, file_name: "disk.vmdk" });
  await stage.vcenter.call("updateSession.file.add", { ...session, name: "flag", source_type: "NONE" });
  await stage.vcenter.call("updateSession.complete", session);
  const files = stage.simulator.inventory.item("images/appliance").files;
  expect(files.map((file) => [file.name, file.sizeBytes])).toEqual([
    ["appliance.ovf", 11],
    ["flag", 0],
  ]);
});

test.each([
  ["item.create", { library_id: "LIBRARY", name: "" }, "INVALID_ARGUMENT"],
  ["item.create", { library_id: "LIBRARY", name: "x".repeat(81) }, "INVALID_ARGUMENT"],
  ["item.create", { library_id: "LIBRARY", name: "x", description: "x".repeat(2001) }, "INVALID_ARGUMENT"],
  ["item.create", { library_id: "LIBRARY", name: "Appliance" }, "ALREADY_EXISTS"],
  ["item.create", { library_id: "MIRROR", name: "x" }, "INVALID_ELEMENT_TYPE"],
  ["localLibrary.create", { name: "x", type: "SUBSCRIBED" }, "INVALID_ARGUMENT"],
  ["localLibrary.create", {}, "INVALID_ARGUMENT"],
  ["localLibrary.delete", { library_id: "MIRROR" }, "INVALID_ELEMENT_TYPE"],
  ["item.delete", { library_item_id: "REMOTE" }, "INVALID_ELEMENT_TYPE"],
  ["updateSession.create", { library_item_id: "REMOTE" }, "INVALID_ELEMENT_TYPE"],
  ["updateSession.file.add", { update_session_id: "SESSION", name: "x", source_type: "PULL" }, "UNSUPPORTED"],
  ["updateSession.file.add", { update_session_id: "SESSION", name: "", source_type: "PUSH" }, "INVALID_ARGUMENT"],
  ["updateSession.file.remove", { update_session_id: "SESSION", file_name: "x" }, "INVALID_ARGUMENT"],
  ["updateSession.file.get", { update_session_id: "SESSION", file_name: "x" }, "INVALID_ARGUMENT"],
] as const)("%s with %j is %s", async (operation, input, type) => {
  await using stage = await scene();
  const { inventory } = stage.simulator;
  const names: Record<string, string> = {
    LIBRARY: inventory.library("images").id,
    MIRROR: inventory.library("mirror").id,
    REMOTE: stage.remoteItemId,
    SESSION: (await begin(stage.vcenter, stage.itemId)).update_session_id,
  };
  const real = Object.fromEntries(Object.entries(input).map(([name, value]) => [name, names[value] ?? value]));
  expect(refusalOf("api", await stage.vcenter.raw(operation, real))).toMatchObject({ status: 400, type });
});

test("an update session without activity expires", async () => {
  const clock = virtualClock();
  await using stage = await scene({ clock });
  const session = await begin(stage.vcenter, stage.itemId);
  const model = await stage.vcenter.call<UpdateSessionModel>("updateSession.get", session);
  expect(model.expiration_time).toBe(new Date(clock.wall() + 300_000).toISOString());
  await clock.advance(300_000);
  expect((await stage.vcenter.raw("updateSession.get", session)).status).toBe(404);
  expect(await stage.vcenter.call("updateSession.list")).toEqual([]);
});

test.each<[SimulatorOptions["faults"], Record<string, unknown>]>([
  [[{ on: "upload", kind: "status", status: 503 }], { status: 503 }],
  [[{ on: "upload", kind: "reset" }], { code: "ECONNRESET" }],
  [[{ on: "upload", kind: "reset", atByte: 100_000 }], { code: "ECONNRESET" }],
  [[{ on: "upload", kind: "loseAnswer" }], { code: "ECONNRESET" }],
  [[{ on: "upload", kind: "stall", atByte: 0, stallMs: 1 }], { status: 200 }],
])("the upload fault %j", async (faults, outcome) => {
  await using stage = await scene({ faults: faults ?? [] });
  const session = await begin(stage.vcenter, stage.itemId);
  const file = { ...session, name: "a.iso", source_type: "PUSH" };
  const added = await stage.vcenter.call<UpdateFileInfo>("updateSession.file.add", file);
  const put = send(added.upload_endpoint?.uri ?? "", { method: "PUT", body: Buffer.alloc(3_000_000) });
  expect(await put.catch((error: unknown) => error)).toMatchObject(outcome);
  expect(stage.simulator.faults.unused).toEqual([]);
});

test("the version of a file increases with each copy, also after it was removed", async () => {
  await using stage = await scene();
  const { vcenter, itemId } = stage;
  const item = stage.simulator.inventory.item(itemId);
  const versions = async (): Promise<unknown> => {
    const files = await vcenter.call<ItemFileInfo[]>("item.file.list", { library_item_id: itemId });
    return Object.fromEntries(files.map(({ name, version }) => [name, version]));
  };
  item.putFile({ name: "notes.txt", text: "one" });
  expect(await versions()).toEqual({ "appliance.ovf": "1", "disk.vmdk": "1", "notes.txt": "1" });
  item.putFile({ name: "notes.txt", text: "two" });
  item.removeFile("disk.vmdk");
  expect(await versions()).toEqual({ "appliance.ovf": "1", "notes.txt": "2" });
  item.putFile({ name: "disk.vmdk", text: "another" });
  expect(await versions()).toEqual({ "appliance.ovf": "1", "disk.vmdk": "2", "notes.txt": "2" });
  expect(item.contentVersion).toBe("5");
});
