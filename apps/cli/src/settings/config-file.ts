import { dirname, resolve } from "node:path";
import { isObject } from "@carrel/core/kit";
import { usageError } from "../process/cli-error.ts";
import { nearestNames } from "../names/nearest.ts";
import { configPath } from "./paths.ts";
import type { Environment } from "../process/program-io.ts";
import { readJsonFile } from "./json-file.ts";

/** The settings of one source. */
export interface SettingsLayer {
  readonly server?: string;
  readonly user?: string;
  readonly thumbprint?: string;
  /** Path of a file. */
  readonly ca?: string;
  readonly wire?: string;
}

/** The content of the config file. */
export interface Config {
  /** Absent where the user has no home directory. */
  readonly path: string | undefined;
  readonly defaultContext: string | undefined;
  readonly contexts: ReadonlyMap<string, SettingsLayer>;
}

const advice = 'Correct it. "carrel --help" shows an example.';
const members: readonly (keyof SettingsLayer)[] = ["server", "user", "thumbprint", "ca", "wire"];

/**
 * Reads the config file, if there is one.
 * @throws {@link CliError} exit code 2: something in it is wrong; the message says where.
 */
export async function readConfig(env: Environment): Promise<Config> {
  const path = configPath(env);
  const file = await readJsonFile(path, advice);
  if (path === undefined || file === undefined) return { path, defaultContext: undefined, contexts: new Map() };
  const { defaultContext, contexts = {}, ...rest } = file;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw wrong(path, `unknown key "${unknown}"`);
  if (defaultContext !== undefined && typeof defaultContext !== "string")
    throw wrong(path, '"defaultContext" must be a string');
  if (!isObject(contexts)) throw wrong(path, '"contexts" must be an object');
  const layers = Object.entries(contexts).map(([name, value]) => [name, readLayer(path, name, value)] as const);
  return { path, defaultContext, contexts: new Map(layers) };
}

/** @throws {@link CliError} exit code 2: there is no such context. */
export function contextOf(config: Config, name: string): SettingsLayer {
  const context = config.contexts.get(name);
  if (context) return context;
  const names = [...config.contexts.keys()];
  const nearest = nearestNames(name, names);
  const hint = nearest.length > 0 ? `Did you mean ${nearest.join(" or ")}?` : `It has: ${names.join(", ") || "none"}`;
  const place = config.path ?? "the config file: this user has no home directory";
  throw usageError(`No context "${name}" in ${place}`, hint);
}

function readLayer(path: string, context: string, value: unknown): SettingsLayer {
  if (!isObject(value)) throw wrong(path, `context "${context}" must be an object`);
  if ("password" in value) {
    throw wrong(
      path,
      `context "${context}" contains a password`,
      'Remove it, and use "carrel login" or VSPHERE_PASSWORD.',
    );
  }
  const layer: Record<string, string> = {};
  for (const [name, text] of Object.entries(value)) {
    if (!members.includes(name as keyof SettingsLayer)) {
      throw wrong(path, `unknown key "${name}" in context "${context}": the known ones are ${members.join(", ")}`);
    }
    if (typeof text !== "string") throw wrong(path, `"${name}" of context "${context}" must be a string`);
    layer[name] = name === "ca" ? resolve(dirname(path), text) : text;
  }
  return layer;
}

function wrong(path: string, what: string, hint = advice): Error {
  return usageError(`Invalid config file ${path}: ${what}`, hint);
}
