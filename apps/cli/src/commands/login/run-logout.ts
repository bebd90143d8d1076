import { usageError } from "../../process/cli-error.ts";
import { endKeptSession } from "../../connection/end-kept-session.ts";
import { explainFailure } from "../../run/explain-failure.ts";
import { printable } from "../../output/printable.ts";
import type { Run } from "../../run/run-command.ts";
import type { ConnectionFlags, ServerSettings } from "../../settings/connection-settings.ts";
import { settingsOfKept } from "../../settings/kept-server.ts";
import { readServerSettings } from "../../settings/read-settings.ts";
import { makePrivate, readSessions, removeSession } from "../../settings/session-store.ts";
import type { SavedSession } from "../../settings/session-store.ts";

/** Flags of `carrel logout`. */
export interface LogoutFlags extends ConnectionFlags {
  readonly all?: boolean;
  readonly debug?: boolean;
}

/** `carrel logout`. */
export async function runLogout(flags: LogoutFlags, run: Run): Promise<void> {
  const { env } = run.io;
  if (flags.all && flags.server !== undefined)
    throw usageError("Cannot combine --all with --server", "--all ends the sessions of all servers.");
  const settings = flags.all ? undefined : await readServerSettings(flags, env);
  const sessions = await readSessions(env);
  const warning = await makePrivate(env);
  if (warning !== undefined && !flags.all) run.warn(warning);
  if (settings) {
    const saved = sessions.get(settings.server.origin);
    if (saved) return await logOut(settings.server.origin, saved, async () => settings, run);
    return run.screen.print(printable(`No session is kept for ${settings.server.host}.`));
  }
  if (sessions.size === 0) return run.screen.print("No session is kept.");
  for (const [origin, saved] of sessions) await logOut(origin, saved, () => settingsOfKept(origin, flags, env), run);
}

/** Ends a session on its server if that can be done, and forgets it in any case. */
async function logOut(
  origin: string,
  saved: SavedSession,
  findSettings: () => Promise<ServerSettings>,
  run: Run,
): Promise<void> {
  const why = await tryToEnd(saved, findSettings, run);
  await removeSession(run.io.env, origin, saved);
  const host = URL.parse(origin)?.host ?? origin;
  if (why === undefined) return run.screen.print(printable(`Logged out of ${host}.`));
  run.warn(`The session at ${host} was not ended there; the server ends it by itself when it is idle. ${why}`);
  run.screen.print(printable(`The session of ${host} is forgotten here.`));
}

async function tryToEnd(
  { token }: SavedSession,
  findSettings: () => Promise<ServerSettings>,
  run: Run,
): Promise<string | undefined> {
  let settings: ServerSettings;
  try {
    settings = await findSettings();
  } catch (error) {
    return explainFailure(error).message ?? "interrupted";
  }
  return await endKeptSession(settings, token, run);
}
