import { createClient, passwordAuth } from "@carrel/core";
import { startSimulator } from "@carrel/simulator";
import { hexDigest } from "@carrel/test-kit";
import { openItemFile, readBlob } from "@carrel/web-stream";
import { expect, test, vi } from "vitest";

test("openItemFile continues under a new session where its page returns", async () => {
  const page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
  await using simulator = await startSimulator({
    libraries: [
      { name: "images", items: [{ name: "a", id: "item-1", files: [{ name: "d.iso", sizeBytes: 3_000_000 }] }] },
    ],
  });
  const client = createClient({
    endpoint: simulator.url,
    auth: passwordAuth(simulator.credentials),
    endOnPageHide: true,
  });
  const stream = await openItemFile(client, "item-1", "d.iso", { resumeDelayMs: 1 });
  await stream.opened;
  page.dispatchEvent(new Event("pagehide"));
  await expect.poll(() => simulator.openSessions.length + simulator.openApiSessions.length).toBe(0);
  page.dispatchEvent(new Event("pageshow"));
  const bytes = new Uint8Array(await (await readBlob(stream)).arrayBuffer());
  const wanted = await simulator.inventory.item("images/a").file("d.iso").bytes();
  expect(hexDigest("sha256", bytes)).toBe(hexDigest("sha256", wanted));
  expect(stream.facts).toMatchObject({ verifiedBy: "checksum", resumes: 1 });
  expect(simulator.openSessions).toEqual([]);
  await client.close();
  vi.unstubAllGlobals();
});
