import { createClient, passwordAuth } from "@carrel/core";
import type { CarrelClient, WireStyle } from "@carrel/core";
import { startSimulator } from "@carrel/simulator";
import type { Simulator, SimulatorVersion } from "@carrel/simulator";
import { describe, expect, test } from "vitest";

const text = "This is the one file.\n";
const libraries = [{ name: "images", items: [{ name: "ubuntu", type: "iso", files: [{ name: "disk 0.iso", text }] }] }];
const versions: readonly (readonly [SimulatorVersion, WireStyle])[] = [
  ["6.7", "rest"],
  ["7.0", "api"],
  ["8.0", "api"],
  ["9.1", "api"],
];

function clientOf(simulator: Simulator, wire: WireStyle | "auto" = "auto"): CarrelClient {
  return createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials), wire });
}

describe.each(versions)("a vCenter of version %s", (version, style) => {
  test("is detected, and serves an item from the library's name to the last byte", async () => {
    await using simulator = await startSimulator({ version, libraries });
    {
      await using client = clientOf(simulator);
      expect(await client.wireStyle()).toBe(style);
      const [libraryId = ""] = await client.library.find({ name: "IMAGES" });
      expect(await client.library.get(libraryId)).toMatchObject({ name: "images", type: "LOCAL" });
      const [itemId = ""] = await client.item.list({ library_id: libraryId });
      expect((await client.item.file.list(itemId)).map((file) => file.name)).toEqual(["disk 0.iso"]);
      await using lease = await client.lease(itemId);
      expect((await lease.files()).map((file) => file.name)).toEqual(["disk 0.iso"]);
      expect((await lease.itemFiles()).map((file) => file.name)).toEqual(["disk 0.iso"]);
      const endpoint = await lease.prepare("disk 0.iso");
      expect(await (await fetch(endpoint.uri)).text()).toBe(text);
      expect(await lease.file("disk 0.iso")).toMatchObject({
        size: text.length,
        checksum_info: { checksum: expect.any(String) as string },
      });
      expect(await client.downloadSession.list({ library_item_id: itemId })).toEqual([lease.id]);
    }
    expect(simulator.openSessions).toEqual([]);
    expect(simulator.openApiSessions).toEqual([]);
  });

  test("refuses a wrong password once, and reports a session that has ended", async () => {
    await using simulator = await startSimulator({ version, libraries });
    const auth = passwordAuth({ ...simulator.credentials, password: "wrong" });
    await using stranger = createClient({ endpoint: simulator.url, auth, wire: style });
    await expect(stranger.library.list()).rejects.toMatchObject({
      code: "AUTH",
      errorType: "UNAUTHENTICATED",
      status: 401,
    });
    await using client = clientOf(simulator, style);
    await expect(client.downloadSession.keepAlive("no:such")).rejects.toMatchObject({ code: "NOT_FOUND" });
    const [libraryId = ""] = await client.library.list();
    const [itemId = ""] = await client.item.list({ library_id: libraryId });
    const id = await client.downloadSession.create({ library_item_id: itemId });
    await client.downloadSession.cancel(id);
    await expect(client.downloadSession.keepAlive(id)).rejects.toMatchObject({
      code: "REJECTED",
      errorType: "NOT_ALLOWED_IN_CURRENT_STATE",
    });
    await client.downloadSession.delete(id);
    const failing = await client.downloadSession.create({ library_item_id: itemId });
    await client.downloadSession.fail(failing, { client_error_message: "disk full" });
    expect(await client.downloadSession.get(failing)).toMatchObject({ state: "ERROR" });
    await client.downloadSession.delete(failing);
    expect(simulator.downloadSessions).toEqual([]);
  });

  test("creates one session for one client token, however often it is requested", async () => {
    await using simulator = await startSimulator({ version, libraries });
    await using client = clientOf(simulator, style);
    const [libraryId = ""] = await client.library.list();
    const [itemId = ""] = await client.item.list({ library_id: libraryId });
    const clientToken = crypto.randomUUID();
    const create = () => client.downloadSession.create({ library_item_id: itemId }, { clientToken });
    expect(new Set([await create(), await create(), await create()]).size).toBe(1);
    expect(new Set([await client.downloadSession.create({ library_item_id: itemId }), await create()]).size).toBe(2);
    for (const id of await client.downloadSession.list()) await client.downloadSession.delete(id);
  });
});
