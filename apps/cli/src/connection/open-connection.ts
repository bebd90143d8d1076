import { askSecret } from "../run/ask.ts";
import { connect } from "./connect.ts";
import type { Connection } from "./connect.ts";
import type { Run } from "../run/run-command.ts";
import type { ConnectionFlags } from "../settings/connection-settings.ts";
import { describeSettings } from "../settings/describe-settings.ts";
import { readSettings } from "../settings/read-settings.ts";

/** Reads the settings, asks for the password where nobody gave one and somebody is there, and makes a client. */
export async function openConnection(flags: ConnectionFlags, run: Run): Promise<Connection> {
  const canAsk = run.io.stdin.isTTY && run.io.stderr.isTTY;
  let asked = false;
  const ask = (user: string, { host }: URL): Promise<string> => {
    asked = true;
    return askSecret(`Password of ${user} at ${host}: `, run);
  };
  const person = { warn: (message: string): void => run.warn(message), ...(canAsk && { askPassword: ask }) };
  const settings = await readSettings(flags, run.io.env, person);
  if (run.debug) for (const line of await describeSettings(settings, { asked })) run.trace(line);
  return connect(settings, run);
}
