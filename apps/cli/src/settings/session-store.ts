import { chmod, stat } from "node:fs/promises";
import { isObject } from "@carrel/core/kit";
import { CliError, exitCodes } from "../process/cli-error.ts";
import { changeJsonFile, cannotWrite, readJsonFile } from "./json-file.ts";
import { statePath } from "./folders.ts";
import type { Environment } from "../process/program-io.ts";
import { describeRights } from "./own-file.ts";

/** An API session that "carrel login" keeps. */
export interface SavedSession {
  readonly user: string;
  /** A secret. */
  readonly token: string;
  /** When it was created, RFC 3339. */
  readonly since: string;
}

const advice = "Delete it, and log in again: carrel login. The sessions in it end by themselves on their servers.";

/** All sessions that are kept, by the origin of their server. */
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

/** Keeps a session. Returns the one that was kept for the server before. */
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

/** Forgets a session of a server; not one that has taken its place meanwhile. */
export async function removeSession(env: Environment, origin: string, { token }: SavedSession): Promise<void> {
  await changeJsonFile(sessionPath(env), async () => {
    const sessions = new Map(await readSessions(env));
    if (sessions.get(origin)?.token !== token) return undefined;
    sessions.delete(origin);
    return Object.fromEntries(sessions);
  });
}

/** A file of sessions that others can read. */
export interface OpenFile {
  readonly path: string;
  /** Its mode and its owner, in words. */
  readonly rights: string;
}

/** Returns the file where others can read it. */
export async function openToOthers(env: Environment): Promise<OpenFile | undefined> {
  const path = sessionPath(env);
  // Windows keeps the state folder private by itself, and has no such bits.
  if (path === undefined || process.platform === "win32") return undefined;
  try {
    const stats = await stat(path);
    return (stats.mode & 0o077) === 0 ? undefined : { path, rights: describeRights(stats) };
  } catch {
    return undefined;
  }
}

/** Makes the file private where it is not. Returns a warning where it had to. */
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
    `Others could read the session ids in ${path}. Now they cannot. ` +
    "If somebody may have read it, end those sessions: carrel logout --all"
  );
}

/** The sessions in the file are not to be used. */
export function openToOthersError({ path, rights }: OpenFile): CliError {
  return new CliError(`The file ${path} holds a session id, and others can read it (${rights}), expected mode 0600`, {
    exitCode: exitCodes.failed,
    hints: [`Run: chmod 600 ${path}`, "and, if somebody may have read it: carrel logout; carrel login"],
  });
}

function sessionPath(env: Environment): string | undefined {
  return statePath(env, "sessions.json");
}
