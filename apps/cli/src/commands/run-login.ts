import process from "node:process";
import { CarrelError, passwordAuth, tokenAuth } from "@carrel/core";
import type { AuthProvider } from "@carrel/core";
import { askSecret, readLine } from "../ask.ts";
import { usageError } from "../cli-error.ts";
import { connectWith } from "../connect.ts";
import { printable } from "../output/printable.ts";
import type { Run } from "../run-command.ts";
import type { ConnectionFlags } from "../settings/connection-settings.ts";
import { readServerSettings } from "../settings/read-settings.ts";
import { readSession, removeSession, saveSession } from "../settings/session-store.ts";

/** Flags of `carrel login` and `carrel logout`. */
export interface LoginFlags extends ConnectionFlags {
  readonly passwordStdin?: boolean;
  readonly debug?: boolean;
}

/** `carrel login`. */
export async function runLogin(flags: LoginFlags, run: Run): Promise<void> {
  const { env } = process;
  const settings = await readServerSettings(flags, env);
  const { server, user } = settings;
  if (user === undefined) throw usageError("It is not said who you are.", "Give --user NAME, or VSPHERE_USER.");
  const password = await readPassword(flags, user, server, run.signal);
  await using connection = connectWith(settings, keepingAuth(user, password), run);
  const token = await connection.client.sessionToken({ signal: run.signal });
  await saveSession(env, server, { user, token, since: new Date().toISOString() });
  run.screen.print(printable(`Logged in to ${server.host} as ${user}. "carrel logout" ends the session.`));
}

/** `carrel logout`. */
export async function runLogout(flags: LoginFlags, run: Run): Promise<void> {
  const { env } = process;
  const settings = await readServerSettings(flags, env);
  const { server } = settings;
  const saved = await readSession(env, server);
  if (!saved) {
    run.screen.print(printable(`No session is kept for ${server.host}.`));
    return;
  }
  await using connection = connectWith(settings, tokenAuth(saved.token), run);
  try {
    await connection.client.session.delete({ signal: run.signal });
  } catch (error) {
    // Over already: that is what was wanted.
    if (!(error instanceof CarrelError && error.code === "AUTH")) throw error;
  }
  await removeSession(env, server);
  run.screen.print(printable(`Logged out of ${server.host}.`));
}

/** Logs in like `passwordAuth`, and leaves the session. */
function keepingAuth(username: string, password: string): AuthProvider {
  return { ...passwordAuth({ username, password }), logout: async () => undefined };
}

async function readPassword(flags: LoginFlags, user: string, server: URL, signal: AbortSignal): Promise<string> {
  if (flags.passwordStdin) {
    const password = await readLine(signal);
    if (password === "") throw usageError("Standard input holds no password.");
    return password;
  }
  const given = process.env["VSPHERE_PASSWORD"];
  if (given) return given;
  if (process.stdin.isTTY) return askSecret(`Password of ${user} at ${server.host}: `, signal);
  throw usageError("There is nobody to ask for the password.", "Give --password-stdin, or VSPHERE_PASSWORD.");
}
