import { stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { CliError } from "../cli-error.ts";
import { exitCodes } from "../exit-code.ts";
import { stateFolder } from "./folders.ts";
import type { Environment } from "./folders.ts";
import { readJsonFile, writeJsonFile } from "./json-file.ts";

/** An API session that "carrel login" keeps. */
export interface SavedSession {
  readonly user: string;
  /** A secret. */
  readonly token: string;
  /** When it was created, RFC 3339. */
  readonly since: string;
}

/**
 * The session that is kept for a server.
 * @throws {@link CliError} others can read the file.
 */
export async function readSession(env: Environment, server: URL): Promise<SavedSession | undefined> {
  const saved = (await readSessions(env))[server.origin] as Partial<SavedSession> | undefined;
  if (typeof saved?.user !== "string" || typeof saved.token !== "string") return undefined;
  return { user: saved.user, token: saved.token, since: saved.since ?? "?" };
}

/** Keeps a session in place of the one that was kept for the server. */
export async function saveSession(env: Environment, server: URL, session: SavedSession): Promise<void> {
  await writeJsonFile(sessionPath(env), { ...(await readSessions(env)), [server.origin]: session });
}

/** Forgets the session of a server. */
export async function removeSession(env: Environment, server: URL): Promise<void> {
  const { [server.origin]: _gone, ...others } = await readSessions(env);
  await writeJsonFile(sessionPath(env), others);
}

async function readSessions(env: Environment): Promise<Readonly<Record<string, unknown>>> {
  const path = sessionPath(env);
  const sessions = await readJsonFile(path);
  if (sessions === undefined) return {};
  // Windows keeps the state folder private by itself, and has no such bits.
  if (process.platform !== "win32" && ((await stat(path)).mode & 0o077) !== 0) {
    throw new CliError(`The file ${path} holds a session id, and others can read it.`, {
      exitCode: exitCodes.failed,
      hints: [`Run: chmod 600 ${path}`, "and, if somebody may have read it: carrel logout; carrel login"],
    });
  }
  return sessions;
}

function sessionPath(env: Environment): string {
  return join(stateFolder(env), "sessions.json");
}
