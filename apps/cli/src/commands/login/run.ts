import { resolve } from "node:path";
import { CarrelError, systemClock, tokenAuth } from "@carrel/core";
import type { AuthProvider } from "@carrel/core";
import { defined, withinTime } from "@carrel/core/kit";
import { connectWith, contact, passwordLogin, refuseReached } from "../../connection/connect.ts";
import type { Connection, MakeAuth } from "../../connection/connect.ts";
import { printable } from "../../output/printable.ts";
import { CliError, usageError, exitCodes } from "../../process/cli-error.ts";
import type { Environment } from "../../process/program-io.ts";
import { askSecret, readLine } from "../../run/ask.ts";
import { explainFailure } from "../../run/explain-failure.ts";
import type { Run } from "../../run/run-command.ts";
import { forgetPaths } from "../../state/name-memory.ts";
import { checkContextName, saveContext } from "../../settings/change-config.ts";
import { readConfig } from "../../settings/config-file.ts";
import type { ServerSettings } from "../../settings/connection-settings.ts";
import { foreignVariableHints } from "../../settings/other-tools.ts";
import { parseServer } from "../../settings/parse-values.ts";
import type { PasswordSource } from "../../settings/password-source.ts";
import { missingUser, passwordAtHand, settingsOfKept, readServerSettings } from "../../settings/read-settings.ts";
import { makePrivate, readSessions, removeSession, saveSession } from "../../state/session-store.ts";
import type { SavedSession } from "../../state/session-store.ts";
import type { LoginFlags, LogoutFlags } from "./command.ts";

/** `carrel login`. */
export async function runLogin(flags: LoginFlags, run: Run): Promise<void> {
  const { env } = run.io;
  const settings = await readServerSettings(flags, env);
  const { server } = settings;
  // Errors of the files come before there is a session that could not be saved.
  const sessions = await readSessions(env);
  // After a session has ended, the same user logs in again.
  const user = settings.user ?? sessions.get(server.origin)?.user;
  if (user === undefined) return await refuseReached(settings, missingUser(env), flags, run);
  if (flags.save !== undefined) await checkContext(flags.save, server, user, env);
  const warning = await makePrivate(env);
  if (warning !== undefined) run.warn(warning);
  const password = await passwordFor({ ...settings, user }, flags, run);
  const auth: MakeAuth = (reached) => keepingAuth(passwordLogin(user, password, settings, reached, run.signal));
  const open = (used: ServerSettings): Connection => connectWith(used, auth, run);
  const first = async ({ client }: Connection): Promise<void> =>
    void (await client.sessionToken({ signal: run.signal }));
  await using connection = await contact(settings, open, first, flags, run);
  const token = await connection.client.sessionToken({ signal: run.signal });
  let before: SavedSession | undefined;
  try {
    before = await saveSession(env, server, { user, token, since: new Date().toISOString() });
  } catch (error) {
    // Nothing else would ever end it before it expires.
    await endSavedSession(connection.settings, token, run);
    throw error;
  }
  if (!flags.json)
    run.screen.printSentence(printable(`Logged in to ${server.host} as ${user}. "carrel logout" ends the session.`));
  if (flags.save !== undefined) await saveAs(flags.save, settings, user, flags, run);
  if (flags.json)
    run.screen.printJson({ type: "loggedIn", server: server.origin, user, ...defined({ context: flags.save }) });
  if (before === undefined || before.token === token) return;
  const why = await endSavedSession(connection.settings, before.token, run);
  if (why === undefined) return flags.json ? undefined : run.screen.print("The session saved before has ended.");
  run.warn(`The session saved before was not ended; the server ends it once it has been idle for long: ${why}`);
}

/** Refuses a context that means another server or user: what else it says, such as its password, belongs to that one. */
async function checkContext(name: string, server: URL, user: string, env: Environment): Promise<void> {
  checkContextName(name);
  const context = (await readConfig(env)).contexts.get(name);
  if (context === undefined) return;
  const isSame = context.server !== undefined && parseServer(context.server).origin === server.origin;
  if (isSame && (context.user?.trim() ?? user) === user) return;
  throw usageError(
    `Context "${name}" exists, for ${context.user ?? "no user"} at ${context.server ?? "no server"}`,
    `Choose another name, or remove it first: carrel context rm ${name}`,
  );
}

async function saveAs(
  name: string,
  { server, wire, thumbprint, thumbprintFrom }: ServerSettings,
  user: string,
  flags: LoginFlags,
  run: Run,
): Promise<void> {
  const context = {
    server: server.protocol === "https:" ? server.host : server.origin,
    user,
    ...defined({
      // A pin of "carrel trust" is found by the server.
      thumbprint: thumbprintFrom === "settings" ? thumbprint : undefined,
      ca: flags.ca === undefined ? undefined : resolve(flags.ca),
      wire: wire === "auto" ? undefined : wire,
      proxy: flags.proxy,
    }),
  };
  const { isDefault } = await saveContext(run.io.env, name, context);
  if (flags.json) return;
  const more = isDefault ? ", the default." : `. To make it the default: carrel context use ${name}`;
  run.screen.printSentence(printable(`Saved as context "${name}"${more}`));
}

/** Leaves the session open. */
function keepingAuth(auth: AuthProvider): AuthProvider {
  return { ...auth, logout: async () => undefined };
}

/** Finds the password: on standard input, at hand, or to be typed at the terminal. */
async function passwordFor(
  settings: ServerSettings & { readonly user: string },
  flags: LoginFlags,
  run: Run,
): Promise<PasswordSource> {
  if (flags.passwordStdin) return { origin: "standard input", read: () => passwordOfInput(run) };
  const given = await passwordAtHand(settings, flags, run.io.env);
  if (given !== undefined) return given;
  const { user, server } = settings;
  const read = async (): Promise<string> => {
    if (run.io.stdin.isTTY) return await askSecret(`Password of ${user} at ${server.host}: `, run);
    throw usageError(
      "Cannot ask for the password: standard input is not a terminal",
      ...foreignVariableHints("password", run.io.env),
      "Pass --password-stdin, or set VSPHERE_PASSWORD or VSPHERE_PASSWORD_FILE.",
    );
  };
  return { origin: "typed at the prompt", isTyped: true, mayAsk: true, read };
}

async function passwordOfInput(run: Run): Promise<string> {
  const password = await readLine(run);
  if (password === "") throw usageError("Standard input contains no password");
  return password;
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
    if (saved) return await logOut(settings.server.origin, saved, async () => settings, flags, run);
    await forgetPaths(env, settings.server.origin);
    return flags.json ? undefined : run.screen.print(printable(`No session is saved for ${settings.server.host}.`));
  }
  if (sessions.size === 0) return flags.json ? undefined : run.screen.print("No session is saved.");
  for (const [origin, saved] of sessions)
    await logOut(origin, saved, () => settingsOfKept(origin, flags, env), flags, run);
}

/** Ends a session on its server if possible, and removes it from the file in any case. */
async function logOut(
  origin: string,
  saved: SavedSession,
  findSettings: () => Promise<ServerSettings>,
  { json = false }: LogoutFlags,
  run: Run,
): Promise<void> {
  const why = await tryToEnd(saved, findSettings, run);
  await removeSession(run.io.env, origin, saved);
  await forgetPaths(run.io.env, origin);
  const host = URL.parse(origin)?.host ?? origin;
  if (json)
    run.screen.printJson({
      type: "loggedOut",
      server: origin,
      endedOnServer: why === undefined,
      ...defined({ message: why }),
    });
  if (why === undefined) return json ? undefined : run.screen.print(printable(`Logged out of ${host}.`));
  run.warn(`The session at ${host} was not ended there; the server ends it once it has been idle for long: ${why}`);
  if (!json) run.screen.printSentence(printable(`Removed the session of ${host} from this machine.`));
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
  return await endSavedSession(settings, token, run);
}

const limitMs = 10_000;

/**
 * Ends an API session on its server, within ten seconds. A session that is already over counts as ended.
 * @returns Why it could not be ended; `undefined` where it was. Throws after Ctrl-C only.
 */
async function endSavedSession(settings: ServerSettings, token: string, run: Run): Promise<string | undefined> {
  const { host } = settings.server;
  const late = (): Error =>
    new CliError(`${host} did not answer within ${limitMs / 1000} s`, { exitCode: exitCodes.failed });
  try {
    await using connection = connectWith(settings, () => tokenAuth(token), run);
    await withinTime(systemClock, limitMs, late, run.signal, (signal) => connection.client.session.delete({ signal }));
    return undefined;
  } catch (error) {
    run.signal.throwIfAborted();
    if (error instanceof CarrelError && error.code === "AUTH") return undefined;
    return explainFailure(error).message ?? "interrupted";
  }
}
