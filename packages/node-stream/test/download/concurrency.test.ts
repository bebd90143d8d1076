import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { writeFile } from "node:fs/promises";
import { createClient, passwordAuth } from "@carrel/core";
import { startSimulator } from "@carrel/simulator";
import type { JournalEntry } from "@carrel/simulator";
import { expect, test } from "vitest";
import { ConcurrencyLimit, ConnectionPool, downloadItem } from "../../src/index.ts";
import { hexDigest, tempDirectory } from "@carrel/test-kit";
import { runChild } from "./child/run-child.ts";
import { openDesk } from "./desk.ts";

const named = (count: number): readonly { readonly name: string; readonly sizeBytes: number }[] =>
  Array.from({ length: count }, (_, index) => ({ name: `${index}.iso`, sizeBytes: 1_000 }));
const transfers = (journal: readonly JournalEntry[]): readonly JournalEntry[] =>
  journal.filter(({ kind }) => kind === "transfer");

test("downloadItem transfers the next file while one waits for its checksum", async () => {
  await using desk = await openDesk({ files: named(3) });
  desk.simulator.faults.add({ on: "downloadSession.file.get", kind: "stall", times: "always" });
  const stop = new AbortController();
  const { report } = downloadItem(desk.client, desk.item.id, desk.folder.path, { concurrency: 1, signal: stop.signal });
  report.catch(() => {});
  await expect
    .poll(() => transfers(desk.simulator.journal).map(({ file, outcome }) => `${file} ${outcome}`))
    .toEqual(["0.iso answered", "1.iso answered", "2.iso answered"]);
  stop.abort();
  await expect(report).rejects.toBe(stop.signal.reason);
});

test("downloadItem shares a concurrency limit with other downloads", async () => {
  const items = ["one", "two", "three"].map((name) => ({ name, files: named(4) }));
  await using simulator = await startSimulator({ libraries: [{ name: "library", items }] });
  await using folder = await tempDirectory();
  {
    await using client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials) });
    simulator.faults.add({ on: "transfer", kind: "stall", times: 3 });
    const concurrency = new ConcurrencyLimit(3);
    const tasks = items.map(({ name }) => {
      const { id } = simulator.inventory.item(`library/${name}`);
      return downloadItem(client, id, folder.join(name), { concurrency, stallTimeoutMs: 500 });
    });
    const prepared = (): number =>
      simulator.journal.filter(({ operation }) => operation === "downloadSession.file.prepare").length;
    // The first of each item, and those that are made ready after the ones that were let in.
    await expect.poll(() => transfers(simulator.journal).length).toBe(3);
    await expect.poll(prepared).toBeGreaterThanOrEqual(4);
    expect(transfers(simulator.journal)).toHaveLength(3);
    const reports = await Promise.all(tasks.map((task) => task.report));
    expect(reports.map(({ files }) => files.length)).toEqual([4, 4, 4]);
  }
  expect(simulator.openSessions).toEqual([]);
});

test("downloadItem lets a manifest be fetched again while a file that exists waits for it", async () => {
  for (const concurrency of [1, 2]) {
    const bytes = new Uint8Array(1_000).fill(7);
    const others = Array.from({ length: concurrency + 1 }, (_, index) => ({ name: `disk-${index}.vmdk`, bytes }));
    const lines = others.map(({ name }) => `SHA256(${name})= ${hexDigest("sha256", bytes)}\n`);
    await using desk = await openDesk({ files: [...others, { name: "x.mf", text: lines.join("") }], type: "ovf" });
    for (const { name } of others) await writeFile(desk.folder.join(name), bytes);
    desk.simulator.faults.add({ on: "transfer", file: "x.mf", kind: "corrupt", atByte: 3 });
    const { files } = await downloadItem(desk.client, desk.item.id, desk.folder.path, { concurrency }).report;
    expect(files.map(({ name, skipped }) => `${name} ${skipped}`)).toEqual([
      ...others.map(({ name }) => `${name} true`),
      "x.mf false",
    ]);
  }
});

test("downloadItem shares the connections of a pool, which stay open", async () => {
  await using desk = await openDesk({ files: named(2) });
  const sockets = new Set<unknown>();
  const onSend = (message: unknown): void => {
    const { request, socket } = message as { readonly request: { readonly path: string }; readonly socket: unknown };
    if (request.path.startsWith("/cls/data/")) sockets.add(socket);
  };
  subscribe("undici:client:sendHeaders", onSend);
  {
    await using pool = new ConnectionPool();
    for (const folder of ["first", "second"]) {
      await downloadItem(desk.client, desk.item.id, desk.folder.join(folder), { pool, concurrency: 1 }).report;
    }
  }
  unsubscribe("undici:client:sendHeaders", onSend);
  expect(sockets.size).toBe(1);
});

test("downloadItem opens few descriptors for hundreds of files, and leaves no lock", async () => {
  await using desk = await openDesk({ files: named(300) });
  const child = runChild(desk, {}, "ulimit -n 120");
  const said = [];
  for await (const line of child.lines) if (line.type !== "transferring") said.push(line);
  expect(said).toMatchObject([{ type: "report" }]);
  expect(await desk.names()).toEqual(
    named(300)
      .map(({ name }) => name)
      .toSorted(),
  );
});
