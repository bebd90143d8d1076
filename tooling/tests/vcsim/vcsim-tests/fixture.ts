import { secretsIn, tempDirectory } from "@carrel/test-kit";
import { test as base, expect } from "vitest";
import {
  countApiSessions,
  listDownloadSessions,
  type SeededItem,
  type SeededLibrary,
  seedItem,
  seedLibrary,
  startVcsim,
  type Vcsim,
} from "../src/index.ts";
import { type CarrelRun, runCarrel } from "./run-carrel.ts";

/** What vcsim holds: a library "Images" of three items, and two libraries of one name. */
export interface Content {
  /** The library, with its item "ubuntu-26" of three files. */
  readonly images: SeededLibrary;
  /** The item "ubuntu-24" of two files. */
  readonly older: SeededItem;
  /** The item "nothing", which has no files. */
  readonly nothing: SeededItem;
  /** Both are called "Twins". */
  readonly twins: readonly [SeededLibrary, SeededLibrary];
}

/** What the tests of a file have in common. */
export interface Shared {
  $file: { readonly vcsim: Vcsim; readonly content: Content };
}

/** What each test gets. */
export interface Fixture {
  /** An empty folder. */
  readonly folder: string;
  /**
   * Runs the command-line tool. What it writes must hold no secret, and after the test no session, of whatever kind, may be
   * left on the server.
   */
  readonly run: (args: readonly string[], settings?: Readonly<Record<string, string>>) => Promise<CarrelRun>;
}

const small = { name: "small.txt", sizeBytes: 1234 };

const withServer = base.extend<Shared>({
  vcsim: [
    // oxlint-disable-next-line no-empty-pattern -- Vitest asks for a pattern
    async ({}, use) => {
      await using vcsim = await startVcsim();
      await use(vcsim);
    },
    { scope: "file" },
  ],
  content: [
    async ({ vcsim }, use) => {
      const empty = { name: "empty.nvram", sizeBytes: 0 };
      const large = { name: "large.iso", sizeBytes: 5_000_000 };
      const files = [empty, small, large];
      const images = await seedLibrary(vcsim, { library: "Images", item: "ubuntu-26", files });
      const iso = { name: "ubuntu.iso", sizeBytes: 300_000 };
      const older = await seedItem(vcsim, images.libraryId, { item: "ubuntu-24", files: [small, iso] });
      const nothing = await seedItem(vcsim, images.libraryId, { item: "nothing", type: "ovf", files: [] });
      const twin = { library: "Twins", item: "twin", files: [small] };
      await use({
        images,
        older,
        nothing,
        twins: [await seedLibrary(vcsim, twin), await seedLibrary(vcsim, twin)],
      });
    },
    // Also for tests that do not use it, because they list all content.
    { scope: "file", auto: true },
  ],
});

/** Vitest's `test` with a vcsim of its own for each file. */
export const test = withServer.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest asks for a pattern
  folder: async ({}, use) => {
    await using directory = await tempDirectory();
    await use(directory.path);
  },
  run: async ({ vcsim }, use) => {
    await use(async (args, settings) => {
      const run = await runCarrel(vcsim, args, settings);
      expect(secretsIn(run.stdout + run.stderr, vcsim)).toEqual([]);
      return run;
    });
    await expectNothingLeft(vcsim);
  },
});

/** Fails where a download session or a login is still open. Makes three calls. */
export async function expectNothingLeft(vcsim: Vcsim): Promise<void> {
  expect(await listDownloadSessions(vcsim)).toEqual([]);
  await expect.poll(() => countApiSessions(vcsim.journal)).toBe(0);
}
