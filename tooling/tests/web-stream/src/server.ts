// Runs in Node: beside the tests, or beside the browser.
import { startSimulator } from "@carrel/simulator";
import type { Fault, FileSeed, Simulator, SimulatorOptions } from "@carrel/simulator";
import { createHash } from "node:crypto";
import { fileName, itemId, sizeBytes } from "./shared.ts";

/** What a scenario has on its server. Plain JSON. */
export interface ServerOptions {
  readonly files?: readonly FileSeed[];
  readonly faults?: readonly Fault[];
  readonly transfer?: SimulatorOptions["transfer"];
  readonly report?: SimulatorOptions["report"];
  /** How long the server keeps a session that nobody renews. */
  readonly lifeMs?: number;
}

/** Where a scenario finds its server. */
export interface StartedServer {
  readonly id: number;
  readonly endpoint: string;
  readonly username: string;
  readonly password: string;
}

/** What the server has seen. */
export interface ServerView {
  readonly openSessions: number;
  readonly openLogins: number;
  readonly transfers: readonly TransferView[];
  /** How often each operation was called. */
  readonly calls: Readonly<Record<string, number>>;
  /** The operations that were answered, in order. */
  readonly answered: readonly string[];
}

/** One transfer, as the journal has it. */
export interface TransferView {
  readonly status: number | undefined;
  readonly range: string | undefined;
  readonly sentBytes: number;
}

const servers = new Map<number, Simulator>();
let lastId = 0;

function running(id: number): Simulator {
  const server = servers.get(id);
  if (!server) throw new Error(`There is no server ${id}`);
  return server;
}

export async function startServer(options: ServerOptions = {}): Promise<StartedServer> {
  const { files = [{ name: fileName, sizeBytes }], faults = [], lifeMs, transfer, report } = options;
  const simulator = await startSimulator({
    cors: true,
    faults: [...faults],
    ...(lifeMs !== undefined && { lease: { lifeMs } }),
    ...(transfer !== undefined && { transfer }),
    ...(report !== undefined && { report }),
    libraries: [{ name: "images", items: [{ name: "item", id: itemId, files: [...files] }] }],
  });
  servers.set(++lastId, simulator);
  return { id: lastId, endpoint: simulator.url.origin, ...simulator.credentials };
}

export function viewServer(id: number): ServerView {
  const { openSessions, openApiSessions, journal } = running(id);
  const calls: Record<string, number> = {};
  for (const { operation } of journal) if (operation) calls[operation] = (calls[operation] ?? 0) + 1;
  return {
    openSessions: openSessions.length,
    openLogins: openApiSessions.length,
    calls,
    answered: journal.flatMap(({ operation, outcome }) => (operation && outcome === "answered" ? [operation] : [])),
    transfers: journal
      .filter(({ kind, method }) => kind === "transfer" && method === "GET")
      .map(({ status, requestHeaders, sentBytes }) => ({ status, range: requestHeaders["range"], sentBytes })),
  };
}

/** Returns the SHA-256 of a file, hexadecimal. */
export async function sha256On(id: number, name: string): Promise<string> {
  const bytes = await running(id).inventory.item(`images/item`).file(name).bytes();
  return createHash("sha256").update(bytes).digest("hex");
}

export function expireSessions(id: number): void {
  running(id).expireDownloadSessions();
}

export async function stopServer(id: number): Promise<void> {
  const simulator = running(id);
  servers.delete(id);
  await simulator.close();
}
