import { join } from "node:path";
import { stateFolder } from "./folders.ts";
import type { Environment } from "./folders.ts";
import { readJsonFile, writeJsonFile } from "./json-file.ts";
import { parseThumbprint } from "./parse-thumbprint.ts";

/** A certificate that a person trusts for one host. */
export interface Pin {
  /** Host and port, such as `vc.example.com:443`. */
  readonly host: string;
  /** SHA-256 fingerprint, upper-case with colons. */
  readonly sha256: string;
  /** When it was trusted, RFC 3339. */
  readonly since: string;
}

/** Host and port of a server as pins are kept by. */
export function hostOf(server: URL): string {
  return `${server.hostname}:${server.port || (server.protocol === "http:" ? "80" : "443")}`;
}

/** All pins, by host. */
export async function readPins(env: Environment): Promise<readonly Pin[]> {
  const file = (await readJsonFile(pinPath(env))) ?? {};
  return Object.entries(file).flatMap(([host, value]) => {
    const { sha256, since } = value as Partial<Record<string, unknown>>;
    if (typeof sha256 !== "string") return [];
    return [{ host, sha256: parseThumbprint(sha256), since: typeof since === "string" ? since : "?" }];
  });
}

/** The pin of one host. */
export async function readPin(env: Environment, server: URL): Promise<Pin | undefined> {
  return (await readPins(env)).find(({ host }) => host === hostOf(server));
}

/** Keeps a pin in place of the one that its host had. */
export async function savePin(env: Environment, pin: Pin): Promise<void> {
  const others = (await readPins(env)).filter(({ host }) => host !== pin.host);
  await writePins(env, [...others, pin]);
}

/** Forgets the pin of a host. Returns whether there was one. */
export async function removePin(env: Environment, server: URL): Promise<boolean> {
  const pins = await readPins(env);
  const others = pins.filter(({ host }) => host !== hostOf(server));
  if (others.length === pins.length) return false;
  await writePins(env, others);
  return true;
}

async function writePins(env: Environment, pins: readonly Pin[]): Promise<void> {
  const entries = pins.map(({ host, ...rest }) => [host, rest] as const);
  await writeJsonFile(pinPath(env), Object.fromEntries(entries));
}

function pinPath(env: Environment): string {
  return join(stateFolder(env), "trust.json");
}
