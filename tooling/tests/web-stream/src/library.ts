import { createClient, passwordAuth } from "@carrel/core";
import type { CarrelClient } from "@carrel/core";
import { expect } from "vitest";
import type { ServerOptions, ServerView, StartedServer } from "./server.ts";

/** How a scenario reaches its server: in the same process, or by commands of a browser. */
export interface Servers {
  startServer(options: ServerOptions): Promise<StartedServer>;
  viewServer(id: number): ServerView | Promise<ServerView>;
  sha256On(id: number, name: string): Promise<string>;
  expireSessions(id: number): void | Promise<void>;
  stopServer(id: number): Promise<void>;
}

/** A simulated vCenter, and a client of it. */
export interface Library extends AsyncDisposable {
  readonly client: CarrelClient;
  readonly started: StartedServer;
  view(): Promise<ServerView>;
  /** Returns the SHA-256 of a file on the server. */
  sha256(name: string): Promise<string>;
  expire(): Promise<void>;
}

/** Opens one. At its end no session may be open, and no login after the client was closed. */
export async function openLibrary(servers: Servers, options: ServerOptions = {}): Promise<Library> {
  const started = await servers.startServer(options);
  const { id, endpoint, username, password } = started;
  const client = createClient({ endpoint, auth: passwordAuth({ username, password }), wire: "api" });
  return {
    client,
    started,
    view: async () => await servers.viewServer(id),
    sha256: (name) => servers.sha256On(id, name),
    expire: async () => await servers.expireSessions(id),
    async [Symbol.asyncDispose]() {
      try {
        expect(await servers.viewServer(id)).toMatchObject({ openSessions: 0 });
        await client.close();
        expect(await servers.viewServer(id)).toMatchObject({ openLogins: 0 });
      } finally {
        await client.close();
        await servers.stopServer(id);
      }
    },
  };
}
