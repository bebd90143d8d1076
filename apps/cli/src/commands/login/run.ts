import { passwordAuth } from "@carrel/core";
import type { AuthProvider } from "@carrel/core";
import { askSecret, readLine } from "../../run/ask.ts";
import { usageError } from "../../process/cli-error.ts";
import { connectWith } from "../../connection/connect.ts";
import { endKeptSession } from "../../connection/end-kept-session.ts";
import { knownAs } from "../../run/refused-logins.ts";
import { printable } from "../../output/printable.ts";
import type { Run } from "../../run/run-command.ts";
import type { ConnectionFlags } from "../../settings/connection-settings.ts";
import { readServerSettings } from "../../settings/read-settings.ts";
import { makePrivate, readSessions, saveSession } from "../../settings/session-store.ts";
import type { SavedSession } from "../../settings/session-store.ts";

/** Flags of `carrel login`. */
export interface LoginFlags extends ConnectionFlags {
  readonly passwordStdin?: boolean;
  readonly debug?: boolean;
}

/** `carrel login`. */
export async function runLogin(flags: LoginFlags, run: Run): Promise<void> {
  const { env } = run.io;
  const settings = await readServerSettings(flags, env);
  const { server, user } = settings;
  if (user === undefined) throw usageError("No user name given", "Pass --user NAME or set VSPHERE_USER.");
  // Told before there is a session that could not be kept.
  await readSessions(env);
  const warning = await makePrivate(env);
  if (warning !== undefined) run.warn(warning);
  const password = await readPassword(flags, user, server, run);
  await using connection = connectWith(settings, keepingAuth(user, password), run);
  const token = await connection.client.sessionToken({ signal: run.signal });
  let before: SavedSession | undefined;
  try {
    before = await saveSession(env, server, { user, token, since: new Date().toISOString() });
  } catch (error) {
    // Nobody would know of it any more.
    await endKeptSession(settings, token, run);
    throw error;
  }
  run.screen.print(printable(`Logged in to ${server.host} as ${user}. "carrel logout" ends the session.`));
  if (before === undefined || before.token === token) return;
  const why = await endKeptSession(settings, before.token, run);
  if (why === undefined) return run.screen.print("The session that was kept before has ended.");
  run.warn(`The session that was kept before was not ended; the server ends it by itself when it is idle. ${why}`);
}

/** Logs in like `passwordAuth`, and leaves the session. */
function keepingAuth(username: string, password: string): AuthProvider {
  return { ...knownAs(username, passwordAuth({ username, password })), logout: async () => undefined };
}

async function readPassword(flags: LoginFlags, user: string, server: URL, run: Run): Promise<string> {
  if (flags.passwordStdin) {
    const password = await readLine(run);
    if (password === "") throw usageError("Standard input contains no password");
    return password;
  }
  const given = run.io.env["VSPHERE_PASSWORD"];
  if (given) return given;
  if (run.io.stdin.isTTY) return askSecret(`Password of ${user} at ${server.host}: `, run);
  throw usageError(
    "Cannot ask for the password: standard input is not a terminal",
    "Pass --password-stdin or set VSPHERE_PASSWORD.",
  );
}
