import process from "node:process";
import { askSecret } from "./ask.ts";
import { connect } from "./connect.ts";
import type { Connection } from "./connect.ts";
import type { Run } from "./run-command.ts";
import type { ConnectionFlags } from "./settings/connection-settings.ts";
import { describeSettings } from "./settings/describe-settings.ts";
import { readSettings } from "./settings/read-settings.ts";

/** Reads the settings, asks for the password where nobody gave one and somebody is there, and makes a client. */
export async function openConnection(flags: ConnectionFlags, run: Run): Promise<Connection> {
  const canAsk = process.stdin.isTTY && process.stderr.isTTY;
  let asked = false;
  const ask = (user: string, { host }: URL): Promise<string> => {
    asked = true;
    return askSecret(`Password of ${user} at ${host}: `, run.signal);
  };
  const person = { warn: (message: string): void => run.warn(message), ...(canAsk && { askPassword: ask }) };
  const settings = await readSettings(flags, process.env, person);
  if (run.debug) for (const line of await describeSettings(settings, { asked })) run.trace(line);
  return connect(settings, run);
}
