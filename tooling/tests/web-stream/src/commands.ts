// Runs in the process of Vitest, beside the browser.
import type { BrowserCommand } from "vitest/node";
import { expireSessions, sha256On, startServer, stopServer, viewServer } from "./server.ts";
import type { ServerOptions, ServerView, StartedServer } from "./server.ts";

declare module "vitest/browser" {
  interface BrowserCommands {
    startServer(options: ServerOptions): Promise<StartedServer>;
    viewServer(id: number): Promise<ServerView>;
    sha256On(id: number, name: string): Promise<string>;
    expireSessions(id: number): Promise<void>;
    stopServer(id: number): Promise<void>;
  }
}

const start: BrowserCommand<[ServerOptions]> = (_, options) => startServer(options);
const view: BrowserCommand<[number]> = (_, id) => viewServer(id);
const sha256: BrowserCommand<[number, string]> = (_, id, name) => sha256On(id, name);
const expire: BrowserCommand<[number]> = (_, id) => expireSessions(id);
const stop: BrowserCommand<[number]> = (_, id) => stopServer(id);

export const serverCommands = {
  startServer: start,
  viewServer: view,
  sha256On: sha256,
  expireSessions: expire,
  stopServer: stop,
};
