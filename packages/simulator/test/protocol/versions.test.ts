import type { DownloadFileInfo, ItemFileInfo } from "@carrel/core";
import { expect, test } from "vitest";
import { startSimulator } from "../../src/index.ts";
import { scene } from "../support/scene.ts";
import { send } from "@carrel/test-kit";
import { at, basic } from "../support/addresses.ts";

test("6.7 serves the legacy style only, with errors without error_type and the older shape for unknown URLs", async () => {
  await using stage = await scene({ version: "6.7" });
  expect(
    (await send(at(stage.simulator, "/api/session"), { method: "POST", headers: basic(stage.simulator) })).status,
  ).toBe(404);
  const refused = await stage.vcenter.raw("item.get", { library_item_id: "strange" });
  expect(refused.json).toEqual({
    type: "com.vmware.vapi.std.errors.not_found",
    value: {
      messages: [
        {
          id: "com.vmware.vdcs.cls-main.not_found",
          default_message: "The library item with id strange does not exist.",
          args: ["strange"],
        },
      ],
    },
  });
  const unknown = await send(at(stage.simulator, "/rest/com/vmware/nothing"));
  expect(unknown.status).toBe(404);
  expect(unknown.json).toMatchObject({ name: "com.vmware.vapi.rest.httpNotFound", majorErrorCode: 404 });
});

test.each(["7.0", "8.0"] as const)(
  "%s has both styles and messages with params, as a map and as a list",
  async (version) => {
    await using stage = await scene({ version });
    const params = { id: { s: "strange" } };
    const modern = await stage.vcenter.raw("item.get", { library_item_id: "strange" });
    expect(modern.json).toMatchObject({ error_type: "NOT_FOUND", messages: [{ params }] });
    const legacy = await send(at(stage.simulator, "/rest/com/vmware/content/library/item/id:strange"), {
      headers: { "vmware-api-session-id": stage.vcenter.sessionId },
    });
    expect(legacy.json).toMatchObject({
      type: "com.vmware.vapi.std.errors.not_found",
      value: { error_type: "NOT_FOUND", messages: [{ params: [{ key: "id", value: params.id }] }] },
    });
  },
);

test("9.1 serves the modern style only, with ssl_certificate and files without a session", async () => {
  await using stage = await scene({ version: "9.1", tls: true });
  const { simulator, vcenter } = stage;
  const ca = simulator.certificate?.pem;
  expect((await send(at(simulator, "/rest/com/vmware/cis/session"), { method: "POST" }, ca)).status).toBe(404);
  const info = await vcenter.call<DownloadFileInfo>("downloadSession.file.prepare", {
    download_session_id: await stage.open(),
    file_name: "disk.vmdk",
  });
  expect(info.download_endpoint).toMatchObject({
    ssl_certificate: ca,
    ssl_certificate_thumbprint: simulator.certificate?.sha1,
  });
  const [, file] = await vcenter.call<ItemFileInfo[]>("item.file.list", { library_item_id: stage.itemId });
  const uri = file?.file_download_endpoint ?? "";
  const headers = { "vmware-api-session-id": vcenter.sessionId };
  const truth = await simulator.inventory.item("images/appliance").file("disk.vmdk").bytes();
  expect((await send(uri, { headers }, ca)).bytes.equals(truth)).toBe(true);
  expect((await send(uri, {}, ca)).status).toBe(401);
  expect((await send(uri.replace(/version=.*/, "version=99"), { headers }, ca)).status).toBe(404);
  const [remote] = await vcenter.call<ItemFileInfo[]>("item.file.list", { library_item_id: stage.remoteItemId });
  expect(remote).toEqual({ name: "remote.iso", size: 0, cached: false, version: "1" });
});

test.each([
  ["7.0", "client_token"],
  ["8.0", "Client-Token"],
  ["9.1", "Client-Token"],
] as const)("%s takes the client token from the header %s", async (version, header) => {
  await using stage = await scene({ version });
  const headers = { [header]: "b8a2a2e3-0000-4000-8000-000000000000" };
  const input = { library_item_id: stage.itemId };
  const ids = [
    await stage.vcenter.raw("downloadSession.create", input, headers),
    await stage.vcenter.raw("downloadSession.create", input, headers),
  ].map((got) => got.json);
  expect(ids[1]).toBe(ids[0]);
  expect(stage.simulator.openSessions).toHaveLength(1);
});

test("unknown URLs and methods are 404 in the shape of the vendor, and without a body elsewhere", async () => {
  await using simulator = await startSimulator();
  for (const [path, method] of [
    ["/api/nothing", "GET"],
    ["/api/content/library", "PUT"],
    ["/api/content/library/item/download-session/x?action=explode", "POST"],
    ["/api/content//library", "GET"],
  ] as const) {
    const got = await send(at(simulator, path), { method });
    expect(got.status).toBe(404);
    expect(got.json).toMatchObject({
      error_type: "OPERATION_NOT_FOUND",
      messages: [{ id: "com.vmware.vapi.rest.operationsForUrlNotFound" }],
    });
  }
  for (const path of ["/", "/ui/", "/cls/", "/cls/data/only-a-token", "/cls/data/t/n/more"]) {
    expect((await send(at(simulator, path))).status).toBe(404);
  }
  expect((await send(at(simulator, "/api/content/library/%E0%A4%A"))).status).toBe(400);
});

test("cors lets pages of other origins use the simulator", async () => {
  await using closed = await startSimulator();
  expect((await send(at(closed, "/api/session"), { method: "OPTIONS" })).status).toBe(404);
  await using open = await startSimulator({ cors: true });
  const preflight = await send(at(open, "/api/session"), { method: "OPTIONS" });
  expect(preflight.status).toBe(204);
  expect(preflight.headers["access-control-allow-headers"]).toContain("vmware-api-session-id");
  const got = await send(at(open, "/api/session"), { method: "POST", headers: basic(open) });
  expect(got.headers["access-control-allow-origin"]).toBe("*");
});
