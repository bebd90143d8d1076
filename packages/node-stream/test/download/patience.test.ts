import { readdir, readFile } from "node:fs/promises";
import { createClient, passwordAuth } from "@carrel/core";
import type { CarrelError, DownloadEvent } from "@carrel/core";
import { startSimulator } from "@carrel/simulator";
import type { Simulator, SimulatorOptions } from "@carrel/simulator";
import { eagerClock, tempDirectory } from "@carrel/test-kit";
import { expect, test } from "vitest";
import { downloadItem } from "../../src/index.ts";
import type { DownloadItemOptions, DownloadTask } from "../../src/index.ts";
import { openDesk } from "./desk.ts";

const tenMinutes = 600_000;
const files = [
  { name: "disk-0.vmdk", sizeBytes: 20_000_017, seed: "a" },
  { name: "disk-1.vmdk", sizeBytes: 2_000_003, seed: "b" },
];

type EventOf<Type extends DownloadEvent["type"]> = Extract<DownloadEvent, { type: Type }>;

/** The vCenter of these tests: its services can be stopped, and started again at the same port without their sessions. */
class RestartingServer implements AsyncDisposable {
  #simulator: Simulator;

  private constructor(simulator: Simulator) {
    this.#simulator = simulator;
  }

  static async start(options: SimulatorOptions = {}): Promise<RestartingServer> {
    return new RestartingServer(await RestartingServer.#simulate(options));
  }

  static #simulate(options: SimulatorOptions): Promise<Simulator> {
    const items = [{ id: "item-1", name: "item", type: "ovf", files }];
    return startSimulator({
      report: { checksum: "always" },
      ...options,
      libraries: [{ id: "library-1", name: "library", items }],
    });
  }

  get running(): Simulator {
    return this.#simulator;
  }

  async stop(): Promise<void> {
    await this.#simulator.close();
  }

  async restart(options: SimulatorOptions = {}): Promise<void> {
    this.#simulator = await RestartingServer.#simulate({ ...options, port: Number(this.#simulator.url.port) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#simulator[Symbol.asyncDispose]();
  }
}

/** Follows a task, stops the server where a condition is met, and starts it after so many failures in a row. */
async function withOutage(
  task: DownloadTask,
  server: RestartingServer,
  {
    from,
    failures,
    options,
  }: { from: (event: DownloadEvent) => boolean; failures: number; options?: SimulatorOptions },
): Promise<readonly DownloadEvent[]> {
  const events: DownloadEvent[] = [];
  let phase: "up" | "down" | "up again" = "up";
  for await (const event of task) {
    events.push(event);
    if (phase === "up" && from(event)) {
      phase = "down";
      await server.stop();
    } else if (phase === "down" && "failures" in event && (event.failures ?? 0) >= failures) {
      phase = "up again";
      await server.restart(options);
    }
  }
  return events;
}

const moments: Readonly<Record<string, (event: DownloadEvent) => boolean>> = {
  "before the files are listed": ({ type }) => type === "session",
  "before the first file is prepared": ({ type }) => type === "plan",
  "in the middle of a file": (event) => event.type === "transferring" && event.receivedBytes > 500_000,
  "before the checksum is asked for": (event) =>
    event.type === "transferring" && event.receivedBytes === event.totalBytes,
};

test.each(Object.entries(moments))(
  "downloadItem overcomes a restart of the vCenter %s, with new login and session, and all files are whole",
  async (_when, from) => {
    await using server = await RestartingServer.start();
    await using folder = await tempDirectory();
    await using client = createClient({
      endpoint: server.running.url,
      auth: passwordAuth(server.running.credentials),
      retry: { limit: 1, baseDelayMs: 1 },
    });
    const options = { retryForMs: tenMinutes, clock: eagerClock(), maxBytesPerSecond: 40_000_000 };
    await using task = downloadItem(client, "item-1", folder.path, options);
    const events = await withOutage(task, server, {
      from,
      failures: 12,
      // Services come up one after the other.
      options: { faults: [{ on: "*", kind: "status", status: 503, times: 5 }] },
    });
    const report = await task.report;
    expect(report.files.map(({ name, verifiedBy }) => [name, verifiedBy])).toEqual([
      ["disk-0.vmdk", "checksum"],
      ["disk-1.vmdk", "checksum"],
    ]);
    for (const { name } of files) {
      const truth = await server.running.inventory.item("library/item").file(name).bytes();
      expect((await readFile(folder.join(name))).equals(Buffer.from(truth))).toBe(true);
    }
    const waits = events.filter((event) => event.type === "resumed" || event.type === "retrying");
    const refused = waits.find(({ systemCode }) => systemCode === "ECONNREFUSED");
    expect(refused).toBeDefined();
    expect(refused?.leftMs).toBeLessThanOrEqual(tenMinutes);
    expect(refused?.delayMs).toBeLessThanOrEqual(20_000);
  },
);

/** Follows a download from a server that goes away for good in the middle of a file. */
async function fromDyingServer(options: DownloadItemOptions): Promise<{
  readonly error: CarrelError;
  readonly waits: readonly (EventOf<"resumed"> | EventOf<"retrying">)[];
  readonly names: readonly string[];
}> {
  await using server = await RestartingServer.start();
  await using folder = await tempDirectory();
  await using client = createClient({
    endpoint: server.running.url,
    auth: passwordAuth(server.running.credentials),
    retry: { limit: 0 },
  });
  const all = { maxBytesPerSecond: 40_000_000, include: ["disk-0.vmdk"], ...options };
  await using task = downloadItem(client, "item-1", folder.path, all);
  const waits: (EventOf<"resumed"> | EventOf<"retrying">)[] = [];
  const failure = task.report.then(
    () => Promise.reject(new Error("It succeeded.")),
    (error: unknown) => error as CarrelError,
  );
  try {
    for await (const event of task) {
      if (event.type === "transferring" && event.receivedBytes > 500_000) await server.stop();
      if (event.type === "resumed" || event.type === "retrying") waits.push(event);
    }
  } catch {
    // The same error as that of the report.
  }
  return { error: await failure, waits, names: (await readdir(folder.path)).toSorted() };
}

test("downloadItem gives up when retryForMs is over, and keeps what arrived", async () => {
  const clock = eagerClock();
  const { error, waits, names } = await fromDyingServer({ retryForMs: 90_000, clock });
  expect(error).toMatchObject({ code: "TRANSFER", problem: "broken" });
  expect(names).toEqual(["disk-0.vmdk.part", "disk-0.vmdk.part.json"]);
  // More than the five of a limit by number, and the last one when the time is over.
  expect(waits.length).toBeGreaterThan(5);
  expect(waits.at(-1)?.delayMs).toBe(waits.at(-1)?.leftMs);
  expect(clock.now()).toBe(90_000);
  expect(waits.map(({ failures }) => failures)).toEqual(waits.map((_, index) => index + 1));
});

test("downloadItem makes no further attempt with retryForMs 0, and is limited by resumeLimit where that is reached first", async () => {
  const none = await fromDyingServer({ retryForMs: 0, clock: eagerClock() });
  expect(none.waits).toEqual([]);
  const three = await fromDyingServer({ retryForMs: tenMinutes, resumeLimit: 3, clock: eagerClock() });
  expect(three.waits.map(({ failures }) => failures)).toEqual([1, 2, 3]);
});

const disk = "disk-0.vmdk";
const target = { on: "transfer", file: disk } as const;

test("downloadItem fetches bytes again that arrive damaged once or twice, from byte 0", async () => {
  for (const times of [1, 2]) {
    await using desk = await openDesk({ files });
    for (let use = 1; use <= times; use++) {
      // Different damage each time, as on a bad path.
      desk.simulator.faults.add({ ...target, kind: "corrupt", atByte: 1_000_000 + use, use });
    }
    await using task = downloadItem(desk.client, desk.item.id, desk.folder.path);
    const events: DownloadEvent[] = [];
    for await (const event of task) events.push(event);
    const damaged = events.filter((event) => event.type === "damaged");
    expect(damaged.map(({ file, attempt, attempts }) => [file, attempt, attempts])).toEqual(
      [2, 3].slice(0, times).map((attempt) => [disk, attempt, 3]),
    );
    expect(damaged[0]?.cause).toMatchObject({ code: "INTEGRITY", problem: "digest" });
    const { files: arrived, receivedBytes } = await task.report;
    expect(arrived.every(({ verifiedBy }) => verifiedBy === "checksum")).toBe(true);
    expect(receivedBytes).toBe(20_000_017 * (times + 1) + 2_000_003);
    const truth = await desk.item.file(disk).bytes();
    expect((await readFile(desk.folder.join(disk))).equals(Buffer.from(truth))).toBe(true);
  }
});

test("downloadItem fails where bytes arrive damaged more often than damagedRetries, and nothing has the final name", async () => {
  for (const damagedRetries of [0, 1, undefined]) {
    await using desk = await openDesk({ files: files.slice(0, 1) });
    const attempts = 1 + (damagedRetries ?? 2);
    for (let use = 1; use <= 5; use++) {
      desk.simulator.faults.add({ ...target, kind: "corrupt", atByte: 1_000_000 + use, use });
    }
    const options = damagedRetries === undefined ? {} : { damagedRetries };
    await expect(downloadItem(desk.client, desk.item.id, desk.folder.path, options).report).rejects.toMatchObject({
      code: "INTEGRITY",
      problem: "digest",
    });
    expect(await desk.names()).toEqual([]);
    expect(desk.simulator.journal.filter(({ kind }) => kind === "transfer").length).toBe(attempts);
  }
});

test("downloadItem does not fetch bytes a third time that arrive wrong in the same way twice", async () => {
  await using desk = await openDesk({
    files: [
      { name: disk, text: "true bytes", states: { checksum: { algorithm: "SHA256", checksum: "0".repeat(64) } } },
    ],
  });
  await expect(downloadItem(desk.client, desk.item.id, desk.folder.path).report).rejects.toMatchObject({
    problem: "digest",
  });
  expect(desk.simulator.journal.filter(({ kind }) => kind === "transfer").length).toBe(2);
  expect(await desk.names()).toEqual([]);
});
