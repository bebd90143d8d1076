import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { refusalOf } from "../support/refusal.ts";
import { scene } from "../support/scene.ts";
import { send } from "@carrel/test-kit";
import { at } from "../support/addresses.ts";

test("the legacy style takes the client token from the body", async () => {
  await using stage = await scene({}, "rest");
  const create = (token: string, itemId = stage.itemId): ReturnType<typeof send> =>
    send(at(stage.simulator, "/rest/com/vmware/content/library/item/download-session"), {
      method: "POST",
      headers: { "vmware-api-session-id": stage.vcenter.sessionId },
      body: JSON.stringify({ client_token: token, create_spec: { library_item_id: itemId } }),
    });
  const token = randomUUID();
  const first = (await create(token)).json;
  expect((await create(token)).json).toEqual(first);
  expect(refusalOf("rest", await create(token, stage.remoteItemId))).toMatchObject({ type: "INVALID_ARGUMENT" });
  expect(refusalOf("rest", await create("no uuid"))).toMatchObject({ type: "INVALID_ARGUMENT" });
  expect(stage.simulator.openSessions).toHaveLength(1);
});

test("a client token creates a new session once the old one is deleted", async () => {
  await using stage = await scene();
  const headers = { "Client-Token": randomUUID() };
  const input = { library_item_id: stage.itemId };
  const first = (await stage.vcenter.raw("downloadSession.create", input, headers)).json;
  await stage.vcenter.call("downloadSession.delete", { download_session_id: first });
  const second = (await stage.vcenter.raw("downloadSession.create", input, headers)).json;
  expect(second).not.toBe(first);
});
