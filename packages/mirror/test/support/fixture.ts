import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { createClient, passwordAuth } from "@carrel/core";
import type { CarrelClient } from "@carrel/core";
import { startSimulator } from "@carrel/simulator";
import type { ItemSeed, Simulator, SimulatorOptions } from "@carrel/simulator";
import { tempDirectory } from "@carrel/test-kit";
import { expect, test as base } from "vitest";
import { mirrorLibrary } from "../../src/index.ts";
import type { MirrorEvent, MirrorOptions, MirrorReport } from "../../src/index.ts";

/** What each test gets. */
export interface Fixture {
  /** Starts a simulator, stopped after the test, which fails if a session is left on it. */
  readonly simulate: (options: SimulatorOptions) => Promise<Simulated>;
  /** An empty directory, which may not hold a lock in the end. */
  readonly directory: string;
}

/** A simulator, and a client that is logged in to it. */
export interface Simulated {
  readonly simulator: Simulator;
  readonly client: CarrelClient;
  /** Id of the library `Images`. */
  readonly libraryId: string;
  /** Mirrors the library `Images` into the directory of the test. */
  mirror(options?: MirrorOptions): Promise<MirrorReport>;
  /** The same, and all events. Where it fails, `error` is why. */
  watch(options?: MirrorOptions): Promise<Watched>;
}

/** What came of a run. */
export interface Watched {
  readonly events: readonly MirrorEvent[];
  readonly error: unknown;
}

/** Vitest's `test` with a simulator and a directory. */
export const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest asks for a pattern
  directory: async ({}, use) => {
    await using directory = await tempDirectory();
    await use(directory.path);
    expect((await readdir(directory.path)).filter((name) => name.endsWith(".lock"))).toEqual([]);
  },
  simulate: async ({ directory }, use) => {
    const started: (Simulated & AsyncDisposable)[] = [];
    await use(async (options) => {
      const simulated = await start(options, directory);
      started.push(simulated);
      return simulated;
    });
    for (const { client } of started) await client.close();
    const left = started.map(({ simulator }) => [simulator.openSessions, simulator.openApiSessions]);
    for (const simulated of started) await simulated[Symbol.asyncDispose]();
    expect(left).toEqual(started.map(() => [[], []]));
  },
});

async function start(options: SimulatorOptions, directory: string): Promise<Simulated & AsyncDisposable> {
  const simulator = await startSimulator(options);
  const { username, password } = simulator.credentials;
  const client = createClient({ endpoint: simulator.url, auth: passwordAuth({ username, password }) });
  const { id: libraryId } = simulator.inventory.library("Images");
  return {
    simulator,
    client,
    libraryId,
    mirror: (more) => mirrorLibrary(client, libraryId, directory, more).report,
    async watch(more) {
      const events: MirrorEvent[] = [];
      try {
        for await (const event of mirrorLibrary(client, libraryId, directory, more)) events.push(event);
        return { events, error: undefined };
      } catch (error) {
        return { events, error };
      }
    },
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  };
}

/** An item with files of 40,000 bytes, each unlike the others. */
export function imageOf(name: string, ...files: readonly string[]): ItemSeed {
  return {
    name,
    type: "iso",
    files: files.map((file) => ({ name: file, sizeBytes: 40_000, seed: `${name}/${file}` })),
  };
}

/** Files below a directory, sorted. */
export async function filesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .toSorted();
}

/** Checks that the library `Images` is in a directory, byte for byte, and nothing else but the record. */
export async function expectMirrored(directory: string, { inventory }: Simulator): Promise<void> {
  const { items } = inventory.library("Images");
  for (const item of items) {
    for (const file of item.files) {
      const bytes = await readFile(join(directory, item.name, file.name));
      expect(bytes.equals(await file.bytes()), `${item.name}/${file.name}`).toBe(true);
    }
  }
  const expected = items.flatMap((item) => item.files.map((file) => join(item.name, file.name)));
  expect(await filesIn(directory)).toEqual([".carrel-mirror.json", ...expected].toSorted());
}
