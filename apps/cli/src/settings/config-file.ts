import { dirname, resolve } from "node:path";
import { isObject } from "@carrel/core/kit";
import { usageError } from "../process/cli-error.ts";
import { nearestNames } from "../names/nearest.ts";
import { configPath } from "../state/paths.ts";
import type { Environment } from "../process/program-io.ts";
import { readJsonFile } from "../state/json-file.ts";
import { splitCommand } from "./password-source.ts";

/** The settings of one source. */
export interface SettingsLayer {
  readonly server?: string;
  readonly user?: string;
  readonly thumbprint?: string;
  /** Path of a file. */
  readonly ca?: string;
  readonly wire?: string;
}

/** The settings of a context of the config file. */
export interface Context extends SettingsLayer {
  /** Path of a file whose first line is the password. */
  readonly passwordFile?: string;
  /** A program and its arguments; its first line is the password. */
  readonly passwordCommand?: readonly string[];
  /** The URL of a proxy, or `none`. */
  readonly proxy?: string;
  /** Where "carrel get" makes a directory for each item. */
  readonly directory?: string;
  /** As `--limit-rate`. */
  readonly limitRate?: string;
  /** As `--require-verified`. */
  readonly requireVerified?: string;
  /** How long outages of the server are overcome, as `--retry-for`. */
  readonly retryFor?: string;
}

/** The content of the config file. */
export interface Config {
  /** Absent where the user has no home directory. */
  readonly path: string | undefined;
  readonly defaultContext: string | undefined;
  readonly contexts: ReadonlyMap<string, Context>;
}

const advice = 'Correct it. "carrel --help" shows an example.';
const members: readonly (keyof Context)[] = [
  "server",
  "user",
  "thumbprint",
  "ca",
  "wire",
  "passwordFile",
  "passwordCommand",
  "proxy",
  "directory",
  "limitRate",
  "requireVerified",
  "retryFor",
];
const paths: ReadonlySet<string> = new Set(["ca", "passwordFile", "directory"]);

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
export function contextOf(config: Config, name: string): Context {
  const context = config.contexts.get(name);
  if (context) return context;
  const names = [...config.contexts.keys()];
  const nearest = nearestNames(name, names);
  const all =
    names.length > 0 ? `It has: ${names.join(", ")}` : "It has no contexts. To add one: carrel context add NAME";
  const hint = nearest.length > 0 ? `Did you mean ${nearest.join(" or ")}?` : all;
  const place = config.path ?? "the config file: this user has no home directory";
  throw usageError(`No context "${name}" in ${place}`, hint);
}

function readLayer(path: string, context: string, value: unknown): Context {
  if (!isObject(value)) throw wrong(path, `context "${context}" must be an object`);
  if ("password" in value) {
    throw wrong(
      path,
      `context "${context}" contains a password`,
      'Put it into a file that only you can read, and set "passwordFile", or use "carrel login".',
    );
  }
  const layer: Record<string, string | readonly string[]> = {};
  for (const [name, text] of Object.entries(value)) {
    if (!members.includes(name as keyof Context)) {
      throw wrong(path, `unknown key "${name}" in context "${context}": the known ones are ${members.join(", ")}`);
    }
    if (name === "passwordCommand") {
      layer[name] = readCommand(path, context, text);
      continue;
    }
    if (typeof text !== "string") throw wrong(path, `"${name}" of context "${context}" must be a string`);
    layer[name] = paths.has(name) ? resolve(dirname(path), text) : text;
  }
  if (layer["passwordFile"] !== undefined && layer["passwordCommand"] !== undefined)
    throw wrong(path, `context "${context}" has both "passwordFile" and "passwordCommand"`, "Remove one of them.");
  return layer;
}

function readCommand(path: string, context: string, value: unknown): readonly string[] {
  const command = typeof value === "string" ? splitCommand(value) : value;
  if (command === undefined) {
    throw wrong(
      path,
      `"passwordCommand" of context "${context}" has characters that only a shell understands`,
      'Write it as a list, such as ["pass", "show", "vc/lab"], or ["sh", "-c", "..."] for a shell.',
    );
  }
  if (Array.isArray(command) && command.every((part) => typeof part === "string") && command[0]?.trim()) return command;
  throw wrong(
    path,
    `"passwordCommand" of context "${context}" must be a command, or a list of a program and its arguments`,
  );
}

function wrong(path: string, what: string, hint = advice): Error {
  return usageError(`Invalid config file ${path}: ${what}`, hint);
}
