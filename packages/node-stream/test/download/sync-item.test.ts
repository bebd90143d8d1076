import { createClient, passwordAuth, TransferError } from "@carrel/core";
import type { CarrelClient } from "@carrel/core";
import { startSimulator } from "@carrel/simulator";
import type { Simulator } from "@carrel/simulator";
import { tempDirectory } from "@carrel/test-kit";
import { describe, expect, test } from "vitest";
import { downloadItem, syncItem } from "../../src/index.ts";

interface Branch extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly client: CarrelClient;
  readonly itemId: string;
  readonly isCached: () => boolean;
  readonly calls: (operation: string) => number;
}

/** An on-demand library whose content takes a while to come. */
async function openBranch(syncMs: number): Promise<Branch> {
  const items = [{ name: "item", type: "iso", files: [{ name: "a.iso", sizeBytes: 100_000 }] }];
  const simulator = await startSimulator({
    prepare: { syncMs },
    libraries: [
      { name: "Branch", type: "SUBSCRIBED", onDemand: true, items },
      { name: "Images", items },
    ],
  });
  const client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials) });
  const { id: itemId } = simulator.inventory.item("Branch/item");
  return {
    simulator,
    client,
    itemId,
    isCached: () => simulator.inventory.item(itemId).cached,
    calls: (name) => simulator.journal.filter(({ operation }) => operation === name).length,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      expect(simulator.downloadSessions).toEqual([]);
      await simulator[Symbol.asyncDispose]();
    },
  };
}

describe("syncItem", () => {
  test("has the content fetched and waits for it, and does nothing where it is there", async () => {
    await using branch = await openBranch(300);
    const { client, itemId, calls } = branch;
    let requested = 0;
    expect(await syncItem(client, itemId, { onRequested: () => (requested += 1) })).toBe(true);
    expect(branch.isCached()).toBe(true);
    expect(await syncItem(client, itemId)).toBe(false);
    expect(await syncItem(client, branch.simulator.inventory.item("Images/item").id)).toBe(false);
    expect({ requested, syncs: calls("subscribedItem.sync") }).toEqual({ requested: 1, syncs: 1 });
    const [call] = branch.simulator.journal.filter(({ operation }) => operation === "subscribedItem.sync");
    expect(JSON.parse(call?.requestBody ?? "")).toEqual({ force_sync_content: true });
  });

  test("gives up in time, and stops at an abort", async () => {
    await using branch = await openBranch(600_000);
    const { client, itemId } = branch;
    const failure = await syncItem(client, itemId, { timeoutMs: 100 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TransferError);
    expect(failure).toMatchObject({ problem: "uncached", retryable: true });
    const controller = new AbortController();
    const reason = new Error("enough");
    const waiting = syncItem(client, itemId, {
      signal: controller.signal,
      onRequested: () => controller.abort(reason),
    });
    await expect(waiting).rejects.toBe(reason);
    await expect(syncItem(client, itemId, { timeoutMs: 0 })).rejects.toThrow(RangeError);
  });

  test("throws what the server says", async () => {
    await using branch = await openBranch(600_000);
    const { client, itemId, simulator } = branch;
    simulator.faults.add({ on: "subscribedItem.sync", kind: "status", status: 403 });
    await expect(syncItem(client, itemId)).rejects.toMatchObject({ code: "AUTH" });
    const gone = syncItem(client, itemId, { onRequested: () => simulator.inventory.item(itemId).remove() });
    await expect(gone).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("downloadItem with sync", () => {
  test("downloads what is not at the vCenter, and says that it waits", async () => {
    await using branch = await openBranch(300);
    await using folder = await tempDirectory();
    const { client, itemId, simulator } = branch;
    const before = downloadItem(client, itemId, folder.path).report;
    await expect(before).rejects.toMatchObject({ code: "PREPARE_FAILED" });
    const task = downloadItem(client, itemId, folder.path, { sync: true });
    const types: string[] = [];
    for await (const { type } of task) types.push(type);
    expect(types.slice(0, 2)).toEqual(["synchronizing", "session"]);
    const { files } = await task.report;
    expect(files).toMatchObject([{ name: "a.iso", sizeBytes: 100_000 }]);
    expect(files[0]?.digest.hex).toBe(await simulator.inventory.item(itemId).file("a.iso").digest("SHA256"));
  });

  test("asks for nothing where the content is there, and gives up in time", async () => {
    await using branch = await openBranch(600_000);
    await using folder = await tempDirectory();
    const { client, itemId, simulator, calls } = branch;
    await downloadItem(client, simulator.inventory.item("Images/item").id, folder.path, { sync: true }).report;
    expect(calls("subscribedItem.sync")).toBe(0);
    const late = downloadItem(client, itemId, folder.path, { sync: true, syncTimeoutMs: 100 });
    await expect(late.report).rejects.toMatchObject({ code: "TRANSFER", problem: "uncached" });
    expect(calls("downloadSession.create")).toBe(1);
    expect(() => downloadItem(client, itemId, folder.path, { syncTimeoutMs: 0 })).toThrow(RangeError);
  });
});
