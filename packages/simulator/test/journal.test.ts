import type { DownloadFileInfo } from "@carrel/core";
import { expect, test } from "vitest";
import { startSimulator } from "../src/index.ts";
import { connect } from "./support/connect.ts";
import { scene } from "./support/scene.ts";
import { send } from "@carrel/test-kit";
import { at, basic } from "./support/addresses.ts";
import { styles } from "./support/table.ts";

test.each(styles)("tells what was on the wire in the style %s, and nothing secret", async (style) => {
  await using stage = await scene({}, style);
  const { simulator, vcenter } = stage;
  const id = await stage.open();
  const uri = await stage.prepare(id);
  await send(uri, { headers: { "vmware-api-session-id": vcenter.sessionId, range: "bytes=0-9" } });
  await send(at(simulator, "/elsewhere?password=1"));
  const { journal } = simulator;
  expect(journal.map((exchange) => exchange.sequence)).toEqual([1, 2, 3, 4, 5]);
  expect(journal.map((exchange) => exchange.operation ?? exchange.kind)).toEqual([
    "session.create",
    "downloadSession.create",
    "downloadSession.file.prepare",
    "transfer",
    "other",
  ]);
  const [login, create, prepare, transfer] = journal;
  expect(login).toMatchObject({
    requestHeaders: { authorization: "Basic [redacted]" },
    responseBody: "[redacted]",
    style,
    outcome: "answered",
  });
  expect(create?.requestBody).toContain(stage.itemId);
  expect(create?.responseBody).toContain(id);
  expect(prepare?.responseBody).toContain("/cls/data/[redacted]");
  expect(transfer).toMatchObject({
    target: "/cls/data/[redacted]",
    file: "disk.vmdk",
    status: 206,
    sentBytes: 10,
    requestHeaders: { "vmware-api-session-id": "[redacted]", range: "bytes=0-9" },
    responseHeaders: { "content-range": "bytes 0-9/1000000" },
  });
  const text = JSON.stringify(journal);
  const token = /\/cls\/data\/([^/]+)\//.exec(uri)?.[1] ?? "";
  const { authorization = "" } = basic(simulator);
  for (const secret of [vcenter.sessionId, token, simulator.credentials.password, authorization.slice(6)]) {
    expect(secret.length).toBeGreaterThan(5);
    expect(text).not.toContain(secret);
  }
  expect(journal.every((exchange) => Object.isFrozen(exchange) && (exchange.durationMs ?? -1) >= 0)).toBe(true);
});

test("drops the oldest exchanges beyond journalLimit", async () => {
  await using simulator = await startSimulator({ journalLimit: 3 });
  const vcenter = await connect(simulator);
  for (let count = 0; count < 5; count++) await vcenter.call("library.list");
  expect(simulator.journal.map((exchange) => exchange.sequence)).toEqual([4, 5, 6]);
  expect(simulator.journal.every((exchange) => exchange.outcome === "answered")).toBe(true);
});

test("a transfer URL works as it is", async () => {
  await using stage = await scene();
  const input = { download_session_id: await stage.open(), file_name: "disk.vmdk" };
  const info = await stage.vcenter.call<DownloadFileInfo>("downloadSession.file.prepare", input);
  expect(info.download_endpoint?.uri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/cls\/data\/[0-9a-f]{32}\/disk\.vmdk$/);
});
