import { defined } from "@carrel/core/kit";
import type { Environment } from "../process/program-io.ts";
import { changeJsonFile, readJsonFile } from "./json-file.ts";
import { statePath } from "./paths.ts";

/** What this machine knows of the fleet whose document was applied here last. */
export interface FleetMemory {
  /** The database that the document names, without a password; absent for the embedded one. */
  readonly database?: string;
  /** Names of its mirrors, for completion. */
  readonly mirrors: readonly string[];
}

const advice = "Delete it, and apply the document again: carrel fleet apply FILE";

/** Reads what is remembered. */
export async function readFleetMemory(env: Environment): Promise<FleetMemory> {
  const { database, mirrors } = (await readJsonFile(statePath(env, "fleet.json"), advice)) ?? {};
  return {
    mirrors: Array.isArray(mirrors) ? mirrors.filter((name) => typeof name === "string") : [],
    ...defined({ database: typeof database === "string" ? database : undefined }),
  };
}

/** Remembers the fleet of a document that was applied. Does nothing where this user has no directory for it. */
export async function rememberFleet(env: Environment, memory: FleetMemory): Promise<void> {
  const path = statePath(env, "fleet.json");
  if (path !== undefined) await changeJsonFile(path, async () => memory);
}
