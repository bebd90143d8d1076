import { contextOf, readConfig } from "./config-file.ts";
import type { ConnectionFlags, ServerSettings } from "./connection-settings.ts";
import type { Environment } from "../process/program-io.ts";
import { parseServer } from "./parse-server.ts";
import { readPin } from "./pin-store.ts";
import { readServerSettings } from "./read-settings.ts";

/**
 * How to reach a server of which only the origin is known: by the settings of this run where they are about it, by a context
 * that is, or else by its pin.
 */
export async function settingsOfKept(
  origin: string,
  flags: ConnectionFlags,
  env: Environment,
): Promise<ServerSettings> {
  const server = new URL(origin);
  const config = await readConfig(env);
  const context = [...config.contexts.keys()].find((name) => originOf(contextOf(config, name).server) === origin);
  const current = flags.context === undefined ? (env["VSPHERE_SERVER"] ?? "") : contextOf(config, flags.context).server;
  if (originOf(current) === origin) return await readServerSettings(flags, env);
  if (context !== undefined) return await readServerSettings({ ...flags, context }, env);
  const pin = await readPin(env, server);
  return {
    server,
    user: undefined,
    thumbprint: pin?.sha256,
    thumbprintFrom: pin && "trust",
    ca: undefined,
    wire: "auto",
    origins: {},
  };
}

function originOf(server: string | undefined): string | undefined {
  if (server === undefined || server.trim() === "") return undefined;
  try {
    return parseServer(server).origin;
  } catch {
    // What is wrong with another server's address is no matter here.
    return undefined;
  }
}
