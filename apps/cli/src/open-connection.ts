import process from "node:process";
import { askSecret } from "./ask.ts";
import { connect } from "./connect.ts";
import type { Connection } from "./connect.ts";
import type { Run } from "./run-command.ts";
import type { ConnectionFlags } from "./settings/connection-settings.ts";
import { readSettings } from "./settings/read-settings.ts";

/** Reads the settings, asks for the password where nobody gave one and somebody is there, and makes a client. */
export async function openConnection(flags: ConnectionFlags, run: Run): Promise<Connection> {
  const canAsk = process.stdin.isTTY && process.stderr.isTTY;
  const ask = (user: string, { host }: URL): Promise<string> =>
    askSecret(`Password of ${user} at ${host}: `, run.signal);
  return connect(await readSettings(flags, process.env, canAsk ? ask : undefined), run);
}
