import { CliError, usageError } from "../cli-error.ts";
import type { ConnectionFlags, ConnectionSettings } from "./connection-settings.ts";
import { parseServer } from "./parse-server.ts";
import { parseThumbprint } from "./parse-thumbprint.ts";
import { readCa } from "./read-ca.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Puts the settings together: flags first, then the environment.
 * @throws {@link CliError} exit code 2: something is missing or malformed.
 */
export async function readSettings(flags: ConnectionFlags, env: Environment): Promise<ConnectionSettings> {
  if (flags.password !== undefined) {
    throw usageError(
      "A password is not taken from the command line, where others can see it.",
      "Set VSPHERE_PASSWORD in the environment.",
    );
  }
  const server = flags.server ?? env["VSPHERE_SERVER"];
  const user = flags.user ?? env["VSPHERE_USER"];
  const password = env["VSPHERE_PASSWORD"];
  if (!server) throw missing("which vCenter", "--server HOST, or VSPHERE_SERVER");
  const url = parseServer(server);
  if (!user) throw missing("who you are", "--user NAME, or VSPHERE_USER");
  if (!password) throw missing("the password", "VSPHERE_PASSWORD in the environment");
  const thumbprint = flags.thumbprint ?? env["VSPHERE_THUMBPRINT"];
  return {
    server: url,
    user,
    password,
    thumbprint: thumbprint ? parseThumbprint(thumbprint) : undefined,
    ca: flags.ca === undefined ? undefined : await readCa(flags.ca),
    wire: readWire(flags.wire),
  };
}

function readWire(text: string | undefined): ConnectionSettings["wire"] {
  const wire = text ?? "auto";
  if (wire === "auto" || wire === "api" || wire === "rest") return wire;
  throw usageError(`--wire cannot be "${wire}".`, "It is auto, api or rest.");
}

function missing(what: string, how: string): CliError {
  return usageError(`It is not said ${what}.`, `Give ${how}.`);
}
