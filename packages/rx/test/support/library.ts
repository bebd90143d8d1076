import { createClient, passwordAuth } from "@carrel/core";
import type { CarrelClient, DownloadLease, Interceptor } from "@carrel/core";
import { startSimulator } from "@carrel/simulator";
import type { Simulator, SimulatorOptions } from "@carrel/simulator";
import { expect, vi } from "vitest";

export const itemIds = ["item-1", "item-2"] as const;
export const fileName = "disk-0.vmdk";

/** A simulated vCenter with two items, and a client of it. */
export interface Library extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly client: CarrelClient;
  /** Expires all sessions on the server, and makes the lease look for its own at once. */
  expire(lease: DownloadLease | undefined): void;
  /** How often the operation was called, such as `downloadSession.create`. */
  called(operation: string): number;
  /** Waits until no session is left on the server and no answer is on its way. */
  untilIdle(): Promise<void>;
}

/** Starts one. Each attempt to call it takes `latencyMs()` longer on the way there and on the way back. */
export async function startLibrary(options: SimulatorOptions = {}, latencyMs = (): number => 0): Promise<Library> {
  const simulator = await startSimulator({
    libraries: [
      { name: "images", items: itemIds.map((id) => ({ name: id, id, files: [{ name: fileName, sizeBytes: 1_000 }] })) },
    ],
    ...options,
  });
  const calls: string[] = [];
  let underway = 0;
  const slowly: Interceptor = async (request, next, { operation }) => {
    calls.push(operation);
    underway++;
    try {
      await pause(latencyMs());
      const response = await next(request);
      await pause(latencyMs());
      return response;
    } finally {
      underway--;
    }
  };
  const client = createClient({
    endpoint: simulator.url.origin,
    auth: passwordAuth(simulator.credentials),
    wire: "api",
    interceptors: [slowly],
  });
  const untilIdle = (): Promise<void> =>
    vi.waitFor(() => expect([underway, simulator.downloadSessions]).toEqual([0, []]), { timeout: 5_000, interval: 2 });
  return {
    simulator,
    client,
    expire(lease) {
      simulator.expireDownloadSessions();
      lease?.prepare(fileName).catch(() => {});
    },
    called: (operation) => calls.filter((call) => call === operation).length,
    untilIdle,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await simulator[Symbol.asyncDispose]();
      expect(simulator.openApiSessions).toEqual([]);
    },
  };
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (ms > 0) setTimeout(resolve, ms);
    else resolve();
  });
}
