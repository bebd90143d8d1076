import type { DownloadFileInfo, DownloadSessionModel } from "@carrel/core";
import { describe, expect, test } from "vitest";
import { startSimulator } from "../src/index.ts";
import { connect } from "./support/connect.ts";
import { send, sha256 } from "@carrel/test-kit";

const libraries = [
  {
    name: "images",
    items: [
      {
        name: "appliance",
        type: "ovf",
        files: [
          { name: "appliance.ovf", text: "<Envelope/>" },
          { name: "disk 0.vmdk", sizeBytes: 1_000_000 },
          { name: "empty.bin", bytes: new Uint8Array() },
        ],
      },
    ],
  },
];

describe.each(["api", "rest"] as const)("a download in the style %s", (style) => {
  test.each([false, true])("gives the bytes of every file, tls: %s", async (tls) => {
    await using simulator = await startSimulator({ tls, libraries });
    const vcenter = await connect(simulator, style);
    const [libraryId] = await vcenter.call<string[]>("library.find", { name: "IMAGES" });
    const [itemId] = await vcenter.call<string[]>("item.list", { library_id: libraryId });
    const id = await vcenter.call<string>("downloadSession.create", { library_item_id: itemId });
    const session = { download_session_id: id };
    const files = await vcenter.call<DownloadFileInfo[]>("downloadSession.file.list", session);
    expect(files.map((file) => file.status)).toEqual(["UNPREPARED", "UNPREPARED", "UNPREPARED"]);
    for (const { name } of files) {
      const file = { ...session, file_name: name };
      const prepared = await vcenter.call<DownloadFileInfo>("downloadSession.file.prepare", file);
      expect(prepared).toMatchObject({ status: "PREPARED" });
      expect(prepared.checksum_info).toBeUndefined();
      expect(prepared.download_endpoint?.ssl_certificate_thumbprint).toBe(simulator.certificate?.sha1);
      const got = await send(prepared.download_endpoint?.uri ?? "", {}, simulator.certificate?.pem);
      expect(got.status).toBe(200);
      const digest = sha256(got.bytes);
      expect(digest).toBe(await simulator.inventory.item("images/appliance").file(name).sha256());
      const after = await vcenter.call<DownloadFileInfo>("downloadSession.file.get", file);
      expect(after.checksum_info).toEqual({ algorithm: "SHA256", checksum: digest });
    }
    await vcenter.call("downloadSession.keepAlive", { ...session, progress: 100 });
    const model = await vcenter.call<DownloadSessionModel>("downloadSession.get", session);
    expect(model).toMatchObject({ id, library_item_id: itemId, state: "ACTIVE", client_progress: 100 });
    expect(simulator.openSessions).toEqual([id]);
    await vcenter.call("downloadSession.delete", session);
    await vcenter.call("session.delete");
    expect(simulator.openSessions).toEqual([]);
    expect(simulator.openApiSessions).toEqual([]);
    expect(simulator.journal.every((exchange) => exchange.outcome === "answered")).toBe(true);
    expect(JSON.stringify(simulator.journal)).not.toContain(vcenter.sessionId);
  });
});
