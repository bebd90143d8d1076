import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { startSimulator } from "../../src/index.ts";
import { connect } from "../support/connect.ts";
import { refusalOf } from "../support/refusal.ts";
import { scene } from "../support/scene.ts";
import { send } from "@carrel/test-kit";
import { at, basic } from "../support/addresses.ts";
import { styles } from "../support/table.ts";

const loginPath = { api: "/api/session", rest: "/rest/com/vmware/cis/session" } as const;

describe.each(styles)("a login in the style %s", (style) => {
  test.each([
    ["no header", {}],
    ["another scheme", { authorization: "Bearer abc" }],
    ["no base64", { authorization: "Basic ???" }],
    ["a wrong password", { authorization: `Basic ${btoa("administrator@vsphere.local:wrong")}` }],
    ["an unknown assertion", { authorization: `SIGN token="${gzipSync("<other/>").toString("base64")}"` }],
    ["a broken assertion", { authorization: 'SIGN token="AAAA"' }],
  ])("is refused for %s", async (_, headers) => {
    await using simulator = await startSimulator({ samlAssertions: ["<saml/>"] });
    const got = await send(at(simulator, loginPath[style]), { method: "POST", headers });
    expect(refusalOf(style, got)).toMatchObject({ status: 401, type: "UNAUTHENTICATED" });
    expect(simulator.openApiSessions).toEqual([]);
  });

  test("takes a SAML assertion", async () => {
    await using simulator = await startSimulator({ samlAssertions: ["<saml/>"] });
    const authorization = `SIGN token="${gzipSync("<saml/>").toString("base64")}"`;
    const got = await send(at(simulator, loginPath[style]), { method: "POST", headers: { authorization } });
    expect(got.status).toBe(style === "api" ? 201 : 200);
    expect(simulator.openApiSessions).toHaveLength(1);
  });

  test("is valid in both styles", async () => {
    await using simulator = await startSimulator();
    const { sessionId } = await connect(simulator, style);
    const other = style === "api" ? "/rest/com/vmware/content/library" : "/api/content/library";
    const got = await send(at(simulator, other), { headers: { "vmware-api-session-id": sessionId } });
    expect(got.status).toBe(200);
  });
});

test("the legacy login sets a cookie unless the request declines it, and the cookie is a login", async () => {
  await using simulator = await startSimulator();
  const got = await send(at(simulator, loginPath.rest), { method: "POST", headers: basic(simulator) });
  const cookie = got.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
  expect(cookie).toMatch(/^vmware-api-session-id=/);
  expect((await send(at(simulator, "/rest/com/vmware/content/library"), { headers: { cookie } })).status).toBe(200);
  expect(JSON.stringify(simulator.journal)).not.toContain(cookie.split("=")[1]);
});

test("maxPerUser refuses further logins as SERVICE_UNAVAILABLE", async () => {
  await using simulator = await startSimulator({ apiSessions: { maxPerUser: 1 } });
  await connect(simulator);
  const got = await send(at(simulator, loginPath.api), { method: "POST", headers: basic(simulator) });
  expect(refusalOf("api", got)).toMatchObject({
    status: 503,
    type: "SERVICE_UNAVAILABLE",
    messages: [{ id: "com.vmware.vapi.endpoint.failedToLoginMaxUserSessionCountReached" }],
  });
});

test("missingPrivileges refuses operations as UNAUTHORIZED, and DIRECT endpoints without ReadStorage", async () => {
  await using stage = await scene({
    missingPrivileges: ["ContentLibrary.SyncLibraryItem", "ContentLibrary.ReadStorage"],
  });
  const sync = await stage.vcenter.raw("subscribedItem.sync", {
    library_item_id: stage.remoteItemId,
    force_sync_content: true,
  });
  expect(refusalOf("api", sync)).toMatchObject({ status: 403, type: "UNAUTHORIZED" });
  const direct = await stage.vcenter.raw("downloadSession.file.prepare", {
    download_session_id: await stage.open(),
    file_name: "disk.vmdk",
    endpoint_type: "DIRECT",
  });
  expect(refusalOf("api", direct)).toMatchObject({ status: 403, type: "UNAUTHORIZED" });
});
