import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { createClient, passwordAuth } from "@carrel/core";
import { ConnectionPool } from "@carrel/node-stream";
import { startSimulator } from "@carrel/simulator";
import type { ItemSeed, Simulator, SimulatorOptions } from "@carrel/simulator";
import { tempDirectory } from "@carrel/test-kit";
import { expect, test as base } from "vitest";
import type { FleetDatabase } from "../../src/database/database.ts";
import { EmbeddedDatabase } from "../../src/database/embedded-database.ts";
import type { FleetDocument, FleetMirror } from "../../src/document.ts";
import type { FleetConnection, FleetOptions } from "../../src/fleet.ts";
import { openFleetOn } from "../../src/open-fleet.ts";
import type { FleetInternals } from "../../src/open-fleet.ts";
import type { Fleet, FleetEvent, FleetRunOptions } from "../../src/index.ts";

/** What each test gets. */
export interface Fixture {
  readonly directory: string;
  /** Starts a vCenter, which is stopped after the test; the test fails if a session or a login is left on it. */
  readonly simulate: (name: string, options: SimulatorOptions) => Promise<Simulator>;
  /** Opens a fleet of the vCenters that were started, on a database in memory unless another one is given. */
  readonly open: (options?: OpenOptions) => Promise<Fleet>;
}

export interface OpenOptions extends FleetInternals {
  readonly database?: FleetDatabase;
}

let archive: Promise<Blob> | undefined;

/** A database in memory, from an archive: one that is made from nothing takes seconds. */
async function databaseInMemory(): Promise<EmbeddedDatabase> {
  archive ??= dumpDatabase();
  return await EmbeddedDatabase.inMemory(await archive);
}

async function dumpDatabase(): Promise<Blob> {
  const database = await EmbeddedDatabase.inMemory();
  const options = { clientFor: async () => Promise.reject(new Error()), placeFor: async () => ({ directory: "" }) };
  const dump = await openFleetOn(
    {
      ...pick(database),
      async [Symbol.asyncDispose]() {
        // It is dumped first.
      },
    },
    options,
  ).then(async (fleet) => {
    await fleet[Symbol.asyncDispose]();
    return await database.dump();
  });
  await database[Symbol.asyncDispose]();
  return dump;
}

function pick(database: EmbeddedDatabase): Omit<FleetDatabase, typeof Symbol.asyncDispose> {
  const { kind, location, version, engine } = database;
  return { kind, location, version, engine, openSlots: () => database.openSlots() };
}

/** Vitest's `test` with vCenters, a directory and fleets. */
export const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest asks for a pattern
  directory: async ({}, use) => {
    await using directory = await tempDirectory();
    await use(directory.path);
  },
  // oxlint-disable-next-line no-empty-pattern -- the same
  simulate: async ({}, use) => {
    await using running = new AsyncDisposableStack();
    const started: Simulator[] = [];
    await use(async (name, options) => {
      const simulator = running.use(await startSimulator(options));
      vcenters.set(name, simulator);
      started.push(simulator);
      return simulator;
    });
    vcenters.clear();
    for (const { openSessions, openApiSessions } of started) {
      expect([openSessions, openApiSessions]).toEqual([[], []]);
    }
  },
  open: async ({ directory }, use) => {
    await using fleets = new AsyncDisposableStack();
    await use(async ({ database, ...internals } = {}) =>
      fleets.use(await openFleetOn(database ?? (await databaseInMemory()), optionsOf(directory), internals)),
    );
  },
});

/** The vCenters of the test that runs, by name. */
const vcenters = new Map<string, Simulator>();

function optionsOf(directory: string): Pick<FleetOptions, "clientFor" | "placeFor"> {
  return {
    clientFor: async (name) => connectTo(vcenters.get(name)),
    placeFor: async (name) => ({ directory: join(directory, name) }),
  };
}

/** Connects to a simulator. */
async function connectTo(simulator: Pick<Simulator, "url" | "credentials"> | undefined): Promise<FleetConnection> {
  if (simulator === undefined) throw new Error("There is no such simulator");
  const { username, password } = simulator.credentials;
  const client = createClient({ endpoint: simulator.url, auth: passwordAuth({ username, password }) });
  const pool = new ConnectionPool();
  return {
    client,
    pool,
    async [Symbol.asyncDispose]() {
      await client.close();
      await pool.close();
    },
  };
}

/** A document with one target, `disk`, and mirrors of libraries `Images`, one for each vCenter. */
export function documentOf(
  names: Readonly<Record<string, Partial<FleetMirror> & { readonly transfers?: number }>>,
): FleetDocument {
  const entries = Object.entries(names);
  return {
    vcenters: Object.fromEntries(
      entries.map(([name, { transfers = 2 }]) => [name, { server: `${name}.example.com`, transfers }]),
    ),
    targets: { disk: { path: "/srv/images" } },
    mirrors: Object.fromEntries(
      entries.map(([name, { transfers: _transfers, ...mirror }]) => [
        name,
        { vcenter: name, library: "Images", target: "disk", prefix: name, ...mirror },
      ]),
    ),
  };
}

/** Runs a worker until all is done; returns its events. */
export async function runOnce(fleet: Fleet, options: FleetRunOptions = {}): Promise<readonly FleetEvent[]> {
  const events: FleetEvent[] = [];
  await fleet.run({ once: true, on: (event) => void events.push(event), ...options });
  return events;
}

export function imageOf(name: string, sizeBytes = 40_000): ItemSeed {
  return { name, type: "iso", files: [{ name: `${name}.iso`, sizeBytes, seed: name }] };
}

/** Checks that a library is in a directory, byte for byte, and that nothing but whole files have their names. */
export async function expectMirrored(directory: string, { inventory }: Simulator): Promise<void> {
  const { items } = inventory.library("Images");
  for (const item of items) {
    for (const file of item.files) {
      const bytes = await readFile(join(directory, item.name, file.name));
      expect(bytes.equals(await file.bytes()), `${item.name}/${file.name}`).toBe(true);
    }
  }
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith(".carrel-mirror"));
  const expected = items.flatMap((item) => item.files.map((file) => join(item.name, file.name)));
  expect(files.toSorted()).toEqual(expected.toSorted());
}
