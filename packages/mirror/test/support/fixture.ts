import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { createClient, passwordAuth } from "@carrel/core";
import type { CarrelClient, Interceptor } from "@carrel/core";
import { startSimulator } from "@carrel/simulator";
import type { ItemSeed, Simulator, SimulatorOptions } from "@carrel/simulator";
import { tempDirectory } from "@carrel/test-kit";
import { expect, test as base } from "vitest";
import { MirrorError, mirrorLibrary } from "../../src/index.ts";
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
  /** Does something once, before the next call of an operation is sent. */
  before(operation: string, work: () => void | Promise<void>): void;
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
    expect(await readdir(directory.path)).not.toContain(".carrel-mirror.lock");
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
  const once = new Map<string, () => void | Promise<void>>();
  const interceptor: Interceptor = async (request, next, { operation }) => {
    const work = once.get(operation);
    once.delete(operation);
    await work?.();
    return await next(request);
  };
  const auth = passwordAuth({ username, password });
  const client = createClient({ endpoint: simulator.url, auth, interceptors: [interceptor] });
  const { id: libraryId } = simulator.inventory.library("Images");
  return {
    simulator,
    client,
    libraryId,
    before: (operation, work) => void once.set(operation, work),
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

/** Files below a directory, sorted; without the records of items. */
export async function filesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .filter((path) => !/^\.carrel-mirror\.items.[^.]+\.json$/u.test(path))
    .toSorted();
}

/** Paths of the records of a mirror: its own, and those of items. */
export async function recordsIn(directory: string): Promise<readonly string[]> {
  const items = join(directory, ".carrel-mirror.items");
  return [join(directory, ".carrel-mirror.json"), ...(await readdir(items)).map((name) => join(items, name))];
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

/** Names of the files that were transferred, sorted. */
export function transferred({ journal }: Simulator): readonly string[] {
  const names = journal.filter(({ kind }) => kind === "transfer").map(({ file }) => file ?? "");
  return names.toSorted();
}

/** The operations that were called since the journal had a number of entries. */
export function operations({ journal }: Simulator, from: number): readonly string[] {
  return journal.slice(from).flatMap(({ operation }) => operation ?? []);
}

/** The problem of each item that is not in place or was not deleted, by the item's name. */
export async function problemsOf(report: Promise<MirrorReport>): Promise<Readonly<Record<string, unknown>>> {
  const error: unknown = await report.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MirrorError) || error.report === undefined) throw error ?? new Error("It did not fail");
  const failed = [...error.report.failed, ...error.report.notDeleted];
  return Object.fromEntries(
    failed.map(({ item, error: why }) => [item, why instanceof MirrorError ? why.problem : why.code]),
  );
}
