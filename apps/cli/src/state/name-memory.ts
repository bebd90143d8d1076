import { randomUUID } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { isObject } from "@carrel/core/kit";
import type { Environment } from "../process/program-io.ts";
import { makeOwnDirectory, readOwnFile } from "./own-file.ts";
import { statePath } from "./paths.ts";

/** Of one server. */
export const maxPaths = 5000;
/** Of all servers; what was listed longest ago is forgotten first. */
const maxServers = 20;
const maxBytes = 768 * 1024;

/** Paths of libraries, items and files that were listed, the latest first, by the origin of their server. */
type Memory = ReadonlyMap<string, readonly string[]>;

/**
 * Adds paths to those that were listed before, for completion. Only names are written, to a file that only this user can read;
 * where that is not possible, nothing is remembered. Never throws: a command does not fail because of it.
 */
export async function rememberPaths(env: Environment, origin: string, paths: Iterable<string>): Promise<void> {
  await change(env, (memory) => {
    const before = memory.get(origin) ?? [];
    const known = new Set(before);
    const added = [...paths];
    if (added.every((path) => known.has(path))) return undefined;
    const all = [...new Set([...added, ...before])].slice(0, maxPaths);
    return new Map([[origin, all], ...[...memory].filter(([other]) => other !== origin)]);
  });
}

/** Forgets what was listed of a server. Never throws. */
export async function forgetPaths(env: Environment, origin: string): Promise<void> {
  await change(env, (memory) =>
    memory.has(origin) ? new Map([...memory].filter(([other]) => other !== origin)) : undefined,
  );
}

/** Reads the paths that were listed of a server, the latest first. None where the file cannot be read or is broken. */
export async function rememberedPaths(env: Environment, origin: string): Promise<readonly string[]> {
  return (await read(env)).get(origin) ?? [];
}

async function read(env: Environment): Promise<Memory> {
  const path = statePath(env, "names.json");
  try {
    const bytes = path === undefined ? undefined : await readOwnFile(path, "");
    const value: unknown = bytes === undefined ? {} : JSON.parse(bytes.toString());
    if (!isObject(value)) return new Map();
    const isText = (each: unknown): each is string => typeof each === "string";
    return new Map(
      Object.entries(value).map(([origin, paths]) => [origin, Array.isArray(paths) ? paths.filter(isText) : []]),
    );
  } catch {
    return new Map();
  }
}

/** Without a lock: where two processes write at once, one of them is not remembered. */
async function change(env: Environment, changed: (memory: Memory) => Memory | undefined): Promise<void> {
  const path = statePath(env, "names.json");
  if (path === undefined) return;
  const draft = `${path}.${randomUUID()}.part`;
  try {
    const memory = changed(await read(env));
    if (memory === undefined) return;
    await makeOwnDirectory(path);
    await writeFile(draft, textOf(memory), { mode: 0o600, flag: "wx" });
    await rename(draft, path);
  } catch {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

function textOf(memory: Memory): string {
  const kept: [string, readonly string[]][] = [];
  let left = maxBytes;
  for (const [origin, paths] of [...memory].slice(0, maxServers)) {
    const fitting: string[] = [];
    for (const path of paths) {
      left -= Buffer.byteLength(JSON.stringify(path)) + 1;
      if (left < 0) break;
      fitting.push(path);
    }
    kept.push([origin, fitting]);
  }
  return `${JSON.stringify(Object.fromEntries(kept))}\n`;
}
