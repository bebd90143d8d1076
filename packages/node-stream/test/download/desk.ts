import { readdir } from "node:fs/promises";
import { createClient, passwordAuth } from "@carrel/core";
import type { CarrelClient, DownloadEvent } from "@carrel/core";
import { startSimulator } from "@carrel/simulator";
import type { FileSeed, InventoryItem, Simulator, SimulatorOptions } from "@carrel/simulator";
import { expect } from "vitest";
import type { DownloadTask } from "../../src/index.ts";
import { tempDirectory } from "@carrel/test-kit";
import type { TempDirectory } from "@carrel/test-kit";

/** A simulator with one item, a client of it, and a folder. Disposal makes sure that nothing is left on the server. */
export interface Desk extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly client: CarrelClient;
  readonly item: InventoryItem;
  readonly folder: TempDirectory;
  /** Names in the folder, sorted. */
  names(): Promise<readonly string[]>;
  /** Another client of the same server. */
  connect(): CarrelClient;
}

export interface DeskOptions extends SimulatorOptions {
  readonly files: readonly FileSeed[];
  readonly type?: string;
}

export async function openDesk({ files, type = "iso", ...options }: DeskOptions): Promise<Desk> {
  const simulator = await startSimulator({
    ...options,
    libraries: [{ name: "library", items: [{ name: "item", type, files }] }],
  });
  const connect = (): CarrelClient =>
    createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials), retry: { baseDelayMs: 5 } });
  const client = connect();
  const folder = await tempDirectory();
  return {
    simulator,
    client,
    folder,
    connect,
    item: simulator.inventory.item("library/item"),
    names: async () => (await readdir(folder.path)).toSorted(),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
      const left = { sessions: simulator.downloadSessions, logins: simulator.openApiSessions };
      await simulator[Symbol.asyncDispose]();
      expect(left).toEqual({ sessions: [], logins: [] });
    },
  };
}

/** All events of a task, to its end. */
export async function eventsOf(task: DownloadTask): Promise<readonly DownloadEvent[]> {
  const events: DownloadEvent[] = [];
  for await (const event of task) events.push(event);
  return events;
}

/** Waits for an event that meets a condition; returns it. Leaves the task running. */
export async function until(task: DownloadTask, condition: (event: DownloadEvent) => boolean): Promise<DownloadEvent> {
  const events = task[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await events.next();
    if (done === true) throw new Error("The download ended before that.");
    if (condition(value)) return value;
  }
}
