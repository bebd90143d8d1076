import { isObject } from "@carrel/core/kit";
import { readThumbprint } from "@carrel/node-stream/tls";
import { usageError } from "../process/cli-error.ts";
import type { CliError } from "../process/cli-error.ts";
import { changeJsonFile, readJsonFile } from "./json-file.ts";
import { statePath } from "./paths.ts";
import type { Environment } from "../process/program-io.ts";

/** A certificate trusted for one host. */
export interface Pin {
  /** Host and port, such as `vc.example.com:443`. */
  readonly host: string;
  /** SHA-256 fingerprint, upper-case with colons. */
  readonly sha256: string;
  /** When it was trusted, RFC 3339. */
  readonly since: string;
}

const advice = "Correct it, or delete it and trust the servers again: carrel trust HOST";

/** Returns the host and port under which the pin of a server is saved. */
export function hostOf(server: URL): string {
  return `${server.hostname}:${server.port || (server.protocol === "http:" ? "80" : "443")}`;
}

/**
 * Reads all pins.
 * @throws {@link CliError} exit code 2: the file of pins is invalid; the message says where.
 */
export async function readPins(env: Environment): Promise<readonly Pin[]> {
  const path = pinPath(env);
  const file = await readJsonFile(path, advice);
  if (path === undefined || file === undefined) return [];
  return Object.entries(file).map(([host, value]) => readPinOf(host, value, path));
}

/** Reads the pin of one host. */
export async function readPin(env: Environment, server: URL): Promise<Pin | undefined> {
  return (await readPins(env)).find(({ host }) => host === hostOf(server));
}

/** Saves a pin in place of the one that its host had. */
export async function savePin(env: Environment, pin: Pin): Promise<void> {
  await changeJsonFile(pinPath(env), async () => {
    const others = (await readPins(env)).filter(({ host }) => host !== pin.host);
    return toFile([...others, pin]);
  });
}

/** Removes the pin of a host. Returns whether there was one. */
export async function removePin(env: Environment, server: URL): Promise<boolean> {
  if (!(await readPin(env, server))) return false;
  await changeJsonFile(pinPath(env), async () =>
    toFile((await readPins(env)).filter(({ host }) => host !== hostOf(server))),
  );
  return true;
}

function readPinOf(host: string, value: unknown, path: string): Pin {
  if (!isObject(value)) throw wrong(path, `"${host}" must be an object`);
  const { sha256, since } = value;
  if (typeof sha256 !== "string") throw wrong(path, `"${host}" has no "sha256"`);
  const found = readThumbprint(sha256);
  if ("problem" in found) {
    const reason = `it is not a SHA-1 or SHA-256 fingerprint (${found.problem})`;
    throw wrong(path, `"${host}" has an invalid "sha256": ${reason}`);
  }
  return { host, sha256: found.hex, since: typeof since === "string" ? since : "?" };
}

function wrong(path: string, what: string): CliError {
  return usageError(`Invalid file ${path}: ${what}`, advice);
}

function toFile(pins: readonly Pin[]): object {
  return Object.fromEntries(pins.map(({ host, ...rest }) => [host, rest] as const));
}

function pinPath(env: Environment): string | undefined {
  return statePath(env, "trust.json");
}
