import { chmod, stat } from "node:fs/promises";
import { isObject } from "@carrel/core/kit";
import { CliError, exitCodes } from "../process/cli-error.ts";
import { changeJsonFile, cannotWrite, readJsonFile } from "./json-file.ts";
import { statePath } from "./paths.ts";
import type { Environment } from "../process/program-io.ts";
import { describeRights } from "./own-file.ts";

/** An API session that "carrel login" saved. */
export interface SavedSession {
  readonly user: string;
  /** A secret. */
  readonly token: string;
  /** When it was created, RFC 3339. */
  readonly since: string;
}

const advice = "Delete it, and log in again: carrel login. The sessions in it expire on their servers.";

/** Reads all saved sessions, by the origin of their server. */
export async function readSessions(env: Environment): Promise<ReadonlyMap<string, SavedSession>> {
  const found = new Map<string, SavedSession>();
  for (const [origin, value] of Object.entries((await readJsonFile(sessionPath(env), advice)) ?? {})) {
    if (!isObject(value)) continue;
    const { user, token, since } = value;
    if (typeof user !== "string" || typeof token !== "string" || token === "") continue;
    found.set(origin, { user, token, since: typeof since === "string" ? since : "?" });
  }
  return found;
}

/** Saves a session. Returns the one saved for the server before. */
export async function saveSession(
  env: Environment,
  server: URL,
  session: SavedSession,
): Promise<SavedSession | undefined> {
  let before: SavedSession | undefined;
  await changeJsonFile(sessionPath(env), async () => {
    const sessions = await readSessions(env);
    before = sessions.get(server.origin);
    return Object.fromEntries([...sessions, [server.origin, session]]);
  });
  return before;
}

/** Removes a session of a server, unless another one has replaced it meanwhile. */
export async function removeSession(env: Environment, origin: string, { token }: SavedSession): Promise<void> {
  await changeJsonFile(sessionPath(env), async () => {
    const sessions = new Map(await readSessions(env));
    if (sessions.get(origin)?.token !== token) return undefined;
    sessions.delete(origin);
    return Object.fromEntries(sessions);
  });
}

/** A file of sessions that other users can read. */
export interface OpenFile {
  readonly path: string;
  /** Its mode and owner, for a message. */
  readonly rights: string;
}

/** Returns the file if other users can read it. */
export async function openToOthers(env: Environment): Promise<OpenFile | undefined> {
  const path = sessionPath(env);
  // Windows has no such bits, and profiles are private there.
  if (path === undefined || process.platform === "win32") return undefined;
  try {
    const stats = await stat(path);
    return (stats.mode & 0o077) === 0 ? undefined : { path, rights: describeRights(stats) };
  } catch {
    return undefined;
  }
}

/** Makes the file private. Returns a warning where it was not. */
export async function makePrivate(env: Environment): Promise<string | undefined> {
  const open = await openToOthers(env);
  if (open === undefined) return undefined;
  const { path } = open;
  try {
    await chmod(path, 0o600);
  } catch (error) {
    throw cannotWrite(path, error);
  }
  return (
    `Other users could read the session ids in ${path}, which is now private. ` +
    "If one of them may have read it, end those sessions: carrel logout --all"
  );
}

/** The refusal to use the sessions of a file that other users can read. */
export function openToOthersError({ path, rights }: OpenFile): CliError {
  return new CliError(
    `Refused to use the session in ${path}: other users can read it (${rights}), expected mode 0600`,
    {
      exitCode: exitCodes.failed,
      hints: [`Run: chmod 600 ${path}`, "If one of them may have read it: carrel logout, then carrel login"],
    },
  );
}

function sessionPath(env: Environment): string | undefined {
  return statePath(env, "sessions.json");
}
