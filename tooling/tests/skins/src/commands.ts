// Runs in the process of Vitest, beside the browser.
import { fileURLToPath } from "node:url";
import { startSimulator, virtualClock } from "@carrel/simulator";
import type { Simulator, VirtualClock } from "@carrel/simulator";
import { createClient, passwordAuth } from "@carrel/core";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { runnerImport } from "vite";
import type { BrowserCommand } from "vitest/node";
import type { ProbeProps, ServerProps } from "./probe.ts";

export interface LibraryOptions {
  /** How long the server keeps a session that nobody renews. */
  readonly lifeMs?: number;
  /** Whether time passes only when the test moves it. */
  readonly virtual?: boolean;
}

export interface StartedLibrary {
  readonly id: number;
  readonly endpoint: string;
  readonly username: string;
  readonly password: string;
}

export interface LibraryView {
  readonly openSessions: readonly string[];
  /** How often each operation was called. */
  readonly calls: Readonly<Record<string, number>>;
}

declare module "vitest/browser" {
  interface BrowserCommands {
    startLibrary(options: LibraryOptions): Promise<StartedLibrary>;
    viewLibrary(id: number): Promise<LibraryView>;
    expireSessions(id: number): Promise<void>;
    advanceTime(id: number, ms: number): Promise<void>;
    renderOnServer(id: number, skin: readonly [module: string, name: string], props: ServerProps): Promise<string>;
    stopLibrary(id: number): Promise<void>;
  }
}

interface Running {
  readonly simulator: Simulator;
  readonly clock: VirtualClock;
}

const libraries = new Map<number, Running>();
let lastId = 0;

function running(id: number): Running {
  const library = libraries.get(id);
  if (!library) throw new Error(`There is no library ${id}`);
  return library;
}

const startLibrary: BrowserCommand<[LibraryOptions]> = async (
  _,
  { lifeMs, virtual = false },
): Promise<StartedLibrary> => {
  const clock = virtualClock();
  const simulator = await startSimulator({
    cors: true,
    ...(virtual && { clock }),
    ...(lifeMs !== undefined && { lease: { lifeMs } }),
    libraries: [
      {
        name: "images",
        items: ["item-1", "item-2"].map((id) => ({ name: id, id, files: [{ name: "disk.iso", sizeBytes: 1_000 }] })),
      },
    ],
  });
  libraries.set(++lastId, { simulator, clock });
  return { id: lastId, endpoint: simulator.url.origin, ...simulator.credentials };
};

const viewLibrary: BrowserCommand<[number]> = (_, id): LibraryView => {
  const { openSessions, journal } = running(id).simulator;
  const calls: Record<string, number> = {};
  for (const { operation } of journal) if (operation) calls[operation] = (calls[operation] ?? 0) + 1;
  return { openSessions, calls };
};

const expireSessions: BrowserCommand<[number]> = (_, id) => running(id).simulator.expireDownloadSessions();

const advanceTime: BrowserCommand<[number, number]> = (_, id, ms) => running(id).clock.advance(ms);

/** Renders a probe in Node, where no window is. */
const renderOnServer: BrowserCommand<[number, readonly [string, string], ServerProps]> = async (
  _,
  id,
  [path, name],
  props,
): Promise<string> => {
  if ("window" in globalThis || "document" in globalThis) throw new Error("There is a window on the server");
  const { simulator } = running(id);
  await using client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials) });
  const file = fileURLToPath(new URL(path, import.meta.url));
  const { module } = await runnerImport<Record<string, (props: ProbeProps) => Promise<string>>>(file, {
    // The markup has other comments in it where components can be replaced while a page is open, as they cannot in tests.
    plugins: [svelte({ configFile: false, compilerOptions: { hmr: false } })],
    logLevel: "error",
  });
  const render = module[name];
  if (!render) throw new Error(`${path} has no ${name}`);
  return await render({ ...props, client });
};

const stopLibrary: BrowserCommand<[number]> = async (_, id) => {
  const { simulator } = running(id);
  libraries.delete(id);
  await simulator.close();
  if (simulator.openApiSessions.length > 0) throw new Error("A login was left open");
};

export const libraryCommands = { startLibrary, viewLibrary, expireSessions, advanceTime, renderOnServer, stopLibrary };
