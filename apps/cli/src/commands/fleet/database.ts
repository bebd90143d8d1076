import { readdir } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { systemCode } from "@carrel/node-stream/fs";
import { CliError, exitCodes, usageError } from "../../process/cli-error.ts";
import type { Environment } from "../../process/program-io.ts";
import { statePath } from "../../state/paths.ts";
import { readFleetMemory } from "../../state/fleet-memory.ts";

/** Which database a fleet has. */
export interface FleetDatabase {
  readonly kind: "embedded" | "postgresql";
  /** A directory, or a URL. */
  readonly location: string;
}

/**
 * Finds the database: `CARREL_FLEET_DATABASE`, or what the document names, or a directory of this user.
 *
 * @param named - What the document names; where it is absent, what the one that was applied here last named.
 * @throws `CliError` exit code 2: the variable is neither a URL nor an absolute path.
 */
export async function findDatabase(env: Environment, named?: { readonly database?: string }): Promise<FleetDatabase> {
  const given = env["CARREL_FLEET_DATABASE"]?.trim() || undefined;
  if (given !== undefined && isAbsolute(given)) {
    await refuseOthersDirectory(given);
    return { kind: "embedded", location: given };
  }
  if (given !== undefined && !isPostgres(given)) {
    throw usageError(
      "CARREL_FLEET_DATABASE is neither the URL of a PostgreSQL database nor an absolute path",
      "Write it as postgres://HOST/DATABASE, with the user before the host or in PGUSER.",
    );
  }
  const url = given ?? (named ?? (await readFleetMemory(env))).database;
  if (url !== undefined) return { kind: "postgresql", location: url };
  const directory = statePath(env, "fleet");
  if (directory !== undefined) return { kind: "embedded", location: directory };
  throw new CliError("Cannot find a directory for the database: this user has no home directory", {
    exitCode: exitCodes.failed,
    hints: ["Set XDG_STATE_HOME to an absolute path, or CARREL_FLEET_DATABASE."],
  });
}

/** A directory with other things in it is a mistake, and nothing in it may be replaced by a database. */
async function refuseOthersDirectory(path: string): Promise<void> {
  const names = await readdir(path).catch((error: unknown): string[] => {
    if (systemCode(error) === "ENOENT") return [];
    throw usageError(`CARREL_FLEET_DATABASE: ${path} is not a directory that can be read`);
  });
  if (names.length === 0 || names.includes("PG_VERSION")) return;
  throw usageError(
    `CARREL_FLEET_DATABASE: ${path} is a directory with other things in it`,
    "Name one that does not exist yet.",
  );
}

function isPostgres(text: string): boolean {
  const { protocol } = URL.parse(text) ?? {};
  return protocol === "postgres:" || protocol === "postgresql:";
}
