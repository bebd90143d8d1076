// Runs in the browser; the simulator is reached by commands.
import { createClient, passwordAuth, systemClock } from "@carrel/core";
import type { CarrelClient, Clock } from "@carrel/core";
import { expect, vi } from "vitest";
import { commands } from "vitest/browser";
import type { LibraryOptions, LibraryView } from "./commands.ts";
import type { ServerProps, Skin } from "./probe.ts";

export const fileName = "disk.iso";

/** A simulated vCenter, and a client of it in the page. */
export interface Library extends AsyncDisposable {
  readonly client: CarrelClient;
  /** What the simulator has seen. */
  view(): Promise<LibraryView>;
  /** How often an operation of download sessions was called, such as `create`. */
  called(operation: string): Promise<number>;
  /** Expires all download sessions, as the server does by itself. */
  expire(): Promise<void>;
  /** Moves the time of a simulator with a virtual clock. */
  advance(ms: number): Promise<void>;
  /** Renders the probe of a framework in Node, with a client of this library. */
  render(skin: Skin, props: ServerProps): Promise<string>;
  /** Waits until no session is open on the server. */
  untilNoneOpen(): Promise<void>;
}

/** Opens one. At its end no session may be open, although the client has not been closed yet. */
export async function openLibrary(options: LibraryOptions = {}, clock: Clock = systemClock): Promise<Library> {
  const { id, endpoint, username, password } = await commands.startLibrary(options);
  const client = createClient({ endpoint, auth: passwordAuth({ username, password }), wire: "api", clock });
  const view = (): Promise<LibraryView> => commands.viewLibrary(id);
  const untilNoneOpen = (): Promise<void> => until(async () => expect((await view()).openSessions).toEqual([]));
  return {
    client,
    view,
    untilNoneOpen,
    called: async (operation) => (await view()).calls[`downloadSession.${operation}`] ?? 0,
    render: (skin, props) => commands.renderOnServer(id, skin.server, props),
    expire: () => commands.expireSessions(id),
    advance: (ms) => commands.advanceTime(id, ms),
    async [Symbol.asyncDispose]() {
      try {
        await untilNoneOpen();
      } finally {
        await client[Symbol.asyncDispose]();
        await commands.stopLibrary(id);
      }
    },
  };
}

/** Waits until an assertion holds. */
export function until<T>(assertion: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(assertion, { timeout: 15_000, interval: 10 });
}
