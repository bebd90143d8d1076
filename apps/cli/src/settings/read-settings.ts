import { CliError, usageError } from "../process/cli-error.ts";
import { contextOf, readConfig } from "./config-file.ts";
import type { SettingsLayer } from "./config-file.ts";
import type { ConnectionFlags, ConnectionSettings, Login, ServerSettings } from "./connection-settings.ts";
import type { Environment } from "../process/program-io.ts";
import { parseServer } from "./parse-server.ts";
import { parseThumbprint } from "./parse-thumbprint.ts";
import { readPin } from "./pin-store.ts";
import { readCa } from "./read-ca.ts";
import { openToOthers, openToOthersError, readSessions } from "./session-store.ts";

/** Whoever runs the command. */
export interface Person {
  readonly warn: (message: string) => void;
  /** Absent where nobody can be asked. */
  readonly askPassword?: (user: string, server: URL) => Promise<string>;
}

/**
 * Puts the settings together, strongest first: flags, the context that a flag names, the environment, the default
 * context. A pin of `carrel trust` and a session of `carrel login` fill what is left.
 * @throws {@link CliError} exit code 2: something is missing or malformed.
 */
export async function readSettings(
  flags: ConnectionFlags,
  env: Environment,
  person: Person,
): Promise<ConnectionSettings> {
  const settings = await readServerSettings(flags, env);
  return { ...settings, login: await readLogin(settings, env, person) };
}

/** The settings without a login. */
export async function readServerSettings(flags: ConnectionFlags, env: Environment): Promise<ServerSettings> {
  if (flags.password !== undefined) {
    throw usageError(
      "Cannot take a password from the command line: other users of this machine can see it",
      'Set VSPHERE_PASSWORD in the environment, or log in once with "carrel login".',
    );
  }
  const layers = await readLayers(flags, env);
  const origins: Partial<Record<keyof SettingsLayer, string>> = {};
  const first = (name: keyof SettingsLayer): string | undefined => {
    const layer = layers.find(({ settings: { [name]: text } }) => text !== undefined && text.trim() !== "");
    if (layer) origins[name] = layer.origin(name);
    return layer?.settings[name]?.trim();
  };
  const server = first("server");
  if (!server) throw missing("vCenter", "Pass --server HOST or set VSPHERE_SERVER.");
  const url = parseServer(server);
  const thumbprint = first("thumbprint");
  const ca = first("ca");
  const trusted = thumbprint === undefined && ca === undefined ? await readPin(env, url) : undefined;
  return {
    server: url,
    user: first("user"),
    thumbprint: thumbprint === undefined ? trusted?.sha256 : parseThumbprint(thumbprint),
    thumbprintFrom: trusted ? "trust" : thumbprint === undefined ? undefined : "settings",
    ca: ca === undefined ? undefined : await readCa(ca, caOrigin(origins.ca)),
    wire: readWire(first("wire")),
    ...(flags.allowHttpTransfers === true && { allowHttpTransfers: true }),
    origins,
  };
}

interface Layer {
  readonly settings: SettingsLayer;
  /** What a person would call it. */
  readonly origin: (name: keyof SettingsLayer) => string;
}

async function readLayers(flags: ConnectionFlags, env: Environment): Promise<readonly Layer[]> {
  const { server, user, thumbprint, ca, wire } = flags;
  const fromEnvironment = {
    server: env["VSPHERE_SERVER"] ?? "",
    user: env["VSPHERE_USER"] ?? "",
    thumbprint: env["VSPHERE_THUMBPRINT"] ?? "",
  };
  const fromFlags: SettingsLayer = {
    ...(server !== undefined && { server }),
    ...(user !== undefined && { user }),
    ...(thumbprint !== undefined && { thumbprint }),
    ...(ca !== undefined && { ca }),
    ...(wire !== undefined && { wire }),
  };
  const config = await readConfig(env);
  const strong: Layer = { settings: fromFlags, origin: (name) => `--${name}` };
  const middle: Layer = { settings: fromEnvironment, origin: (name) => `VSPHERE_${name.toUpperCase()}` };
  const context = (name: string): Layer => ({ settings: contextOf(config, name), origin: () => `context "${name}"` });
  if (flags.context !== undefined) return [strong, context(flags.context), middle];
  return [strong, middle, ...(config.defaultContext === undefined ? [] : [context(config.defaultContext)])];
}

async function readLogin(
  { server, user }: ServerSettings,
  env: Environment,
  { askPassword, warn }: Person,
): Promise<Login> {
  const password = env["VSPHERE_PASSWORD"];
  if (user && password) return { kind: "password", user, password };
  const saved = (await readSessions(env)).get(server.origin);
  const isOurs = saved !== undefined && (user === undefined || user === saved.user);
  const open = await openToOthers(env);
  if (open !== undefined) {
    if (isOurs) throw openToOthersError(open);
    warn(`Others can read ${open.path} (${open.rights}). It is not used. "carrel login" makes it private.`);
  }
  if (isOurs) return { kind: "session", ...saved };
  if (!user) throw missing("user name", "Pass --user NAME or set VSPHERE_USER.");
  if (askPassword) return { kind: "password", user, password: await askPassword(user, server) };
  const how = 'VSPHERE_PASSWORD in the environment, or log in once with "carrel login"';
  if (!saved) throw missing("password", `Set ${how}.`);
  throw usageError("No password given", `Set ${how}.`, `The saved session belongs to another user: ${saved.user}`);
}

function caOrigin(origin: string | undefined): string {
  return origin === "--ca" ? "--ca" : `"ca" in ${origin}`;
}

function readWire(text: string | undefined): ServerSettings["wire"] {
  const wire = text ?? "auto";
  if (wire === "auto" || wire === "api" || wire === "rest") return wire;
  throw usageError(`Invalid wire style "${wire}"`, "Use auto, api or rest.");
}

function missing(what: string, how: string): CliError {
  return usageError(`No ${what} given`, how);
}
