import { defined } from "@carrel/core/kit";
import { proxyFor } from "@carrel/node-stream/tls";
import { CliError, exitCodes, usageError } from "../process/cli-error.ts";
import type { Environment } from "../process/program-io.ts";
import { contextOf, readConfig } from "./config-file.ts";
import type { Context, SettingsLayer } from "./config-file.ts";
import type { ConnectionFlags, ConnectionSettings, Login, ServerSettings } from "./connection-settings.ts";
import { foreignVariableHints } from "./other-tools.ts";
import { parseProxy, parseServer, parseThumbprint } from "./parse-values.ts";
import { passwordCommand, passwordFile, passwordOfEnvironment } from "./password-source.ts";
import type { PasswordSource } from "./password-source.ts";
import { readPin } from "../state/pin-store.ts";
import { readCa } from "./read-ca.ts";
import { openToOthers, openToOthersError, readSessions } from "../state/session-store.ts";

/** The person who runs the command. */
export interface Person {
  readonly warn: (message: string) => void;
  /** Absent where there is no terminal. */
  readonly askPassword?: (user: string, server: URL) => Promise<string>;
}

/** Returns the name of the context that `--context` or `CARREL_CONTEXT` chooses. */
export function chosenContext(flags: Pick<ConnectionFlags, "context">, env: Environment): string | undefined {
  return flags.context ?? (env["CARREL_CONTEXT"]?.trim() || undefined);
}

/** No user name or no password is given. The server is reached first: its name or its certificate may be what is wrong. */
export class MissingLoginError extends CliError {
  override readonly name: string = "MissingLoginError";

  constructor(what: "user name" | "password", hints: readonly string[]) {
    super(`No ${what} given`, { exitCode: exitCodes.usage, hints });
  }
}

/**
 * Combines the settings without a login. Flags take precedence, then the context that `--context` or `CARREL_CONTEXT` names,
 * the environment, and the default context. The server of the only saved session is used where none is named, and a pin of
 * `carrel trust` where no certificate is.
 * @throws {@link CliError} exit code 2: something is missing or malformed.
 */
export async function readServerSettings(flags: ConnectionFlags, env: Environment): Promise<ServerSettings> {
  if (flags.password !== undefined) {
    throw usageError(
      "Cannot take a password from the command line: other users of this machine can see it",
      'Set VSPHERE_PASSWORD or VSPHERE_PASSWORD_FILE in the environment, or log in once with "carrel login".',
    );
  }
  const layers = await readLayers(flags, env);
  const origins: Partial<Record<keyof SettingsLayer, string>> = {};
  const first = (name: keyof SettingsLayer): string | undefined => {
    const layer = layers.find(({ settings: { [name]: text } }) => text !== undefined && text.trim() !== "");
    if (layer) origins[name] = layer.origin(name);
    return layer?.settings[name]?.trim();
  };
  const server = first("server") ?? (await serverOfOnlySession(env));
  if (origins.server === undefined) origins.server = 'the only saved session of "carrel login"';
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
    ...defined({ allowHttpTransfers: flags.allowHttpTransfers, proxy: await readProxy(flags, env) }),
    origins,
  };
}

/** Returns the server of the only session that is saved. @throws {@link CliError} exit code 2: there is none, or several. */
async function serverOfOnlySession(env: Environment): Promise<string> {
  const [only, ...others] = (await readSessions(env)).keys();
  if (only !== undefined && others.length === 0) return only;
  const how = "Pass --server HOST or --context NAME, or set VSPHERE_SERVER or CARREL_CONTEXT.";
  const foreign = foreignVariableHints("server", env);
  if (only === undefined) throw usageError("No vCenter given", ...foreign, how);
  const hosts = [only, ...others].map((origin) => URL.parse(origin)?.host ?? origin);
  throw usageError("No vCenter given", ...foreign, how, `Sessions are saved for ${hosts.join(" and ")}.`);
}

interface Layer {
  readonly settings: SettingsLayer;
  /** Where a setting of it comes from, for messages. */
  readonly origin: (name: keyof SettingsLayer) => string;
}

async function readLayers(flags: ConnectionFlags, env: Environment): Promise<readonly Layer[]> {
  const { server, user, thumbprint, ca, wire } = flags;
  const fromEnvironment = {
    server: env["VSPHERE_SERVER"] ?? "",
    user: env["VSPHERE_USER"] ?? "",
    thumbprint: env["VSPHERE_THUMBPRINT"] ?? "",
  };
  const fromFlags: SettingsLayer = defined({ server, user, thumbprint, ca, wire });
  const config = await readConfig(env);
  const strong: Layer = { settings: fromFlags, origin: (name) => `--${name}` };
  const middle: Layer = { settings: fromEnvironment, origin: (name) => `VSPHERE_${name.toUpperCase()}` };
  const context = (name: string): Layer => ({ settings: contextOf(config, name), origin: () => `context "${name}"` });
  const chosen = chosenContext(flags, env);
  if (chosen !== undefined) return [strong, context(chosen), middle];
  return [strong, middle, ...(config.defaultContext === undefined ? [] : [context(config.defaultContext)])];
}

/**
 * Finds out how to log in: by a password that is at hand, by a session of `carrel login`, or by a question.
 * @throws {@link MissingLoginError} by none of these. {@link CliError}: a saved session is open to others.
 */
export async function readLogin(
  settings: ServerSettings,
  flags: ConnectionFlags,
  env: Environment,
  person: Person,
): Promise<Login> {
  const { server, user } = settings;
  const { askPassword, warn } = person;
  const [given, otherwise] = await findPasswords(settings, flags, env);
  if (user && given !== undefined) return { kind: "password", user, password: given };
  const saved = (await readSessions(env)).get(server.origin);
  const isOurs = saved !== undefined && (user === undefined || user === saved.user);
  const open = await openToOthers(env);
  if (open !== undefined) {
    if (isOurs) throw openToOthersError(open);
    warn(`Other users can read ${open.path} (${open.rights}), so it is not used. "carrel login" makes it private`);
  }
  if (isOurs) return { kind: "session", ...saved, ...defined({ password: given ?? otherwise }) };
  if (!user) throw missingUser(env);
  if (otherwise !== undefined) return { kind: "password", user, password: otherwise };
  if (askPassword) {
    const read = (): Promise<string> => askPassword(user, server);
    return { kind: "password", user, password: { origin: "typed at the prompt", isTyped: true, mayAsk: true, read } };
  }
  const how = 'VSPHERE_PASSWORD or VSPHERE_PASSWORD_FILE in the environment, or log in once with "carrel login"';
  const other = saved === undefined ? [] : [`The saved session belongs to another user: ${saved.user}`];
  throw new MissingLoginError("password", [...foreignVariableHints("password", env), `Set ${how}.`, ...other]);
}

/** The error where no user name is given. */
export function missingUser(env: Environment): MissingLoginError {
  const foreign = foreignVariableHints("user", env);
  return new MissingLoginError("user name", [...foreign, "Pass --user NAME or set VSPHERE_USER."]);
}

/** Returns the password that need not be typed, if there is one. */
export async function passwordAtHand(
  settings: ServerSettings,
  flags: ConnectionFlags,
  env: Environment,
): Promise<PasswordSource | undefined> {
  const [given, otherwise] = await findPasswords(settings, flags, env);
  return given ?? otherwise;
}

/**
 * Finds the passwords that are at hand: first the one that takes precedence over a saved session, then the one that is used
 * where there is none. That of a context is meant for the context's server and user, and is sent to nobody else.
 */
async function findPasswords(
  { server, user }: ServerSettings,
  flags: ConnectionFlags,
  env: Environment,
): Promise<readonly [PasswordSource | undefined, PasswordSource | undefined]> {
  const found = await contextInEffect(flags, env);
  const fits =
    found !== undefined &&
    originOf(found.context.server) === server.origin &&
    (found.context.user?.trim() ?? user) === user;
  const ofContext = fits ? passwordOfContext(found.name, found.context, env) : undefined;
  const ofEnvironment = passwordOfEnvironment(env);
  return found?.isChosen && ofContext !== undefined ? [undefined, ofContext] : [ofEnvironment, ofContext];
}

/** A context whose settings are used. */
export interface ContextInEffect {
  readonly name: string;
  readonly context: Context;
  /** By `--context` or `CARREL_CONTEXT`: then it precedes the environment. */
  readonly isChosen: boolean;
}

async function contextInEffect(flags: ConnectionFlags, env: Environment): Promise<ContextInEffect | undefined> {
  const config = await readConfig(env);
  const chosen = chosenContext(flags, env);
  const name = chosen ?? config.defaultContext;
  return name === undefined ? undefined : { name, context: contextOf(config, name), isChosen: chosen !== undefined };
}

/**
 * Returns the context that is chosen, or the default one, where the run connects to its server: what it says of transfers is
 * meant for that one. Of a context that names no server, it is meant for all.
 */
export async function contextOfServer(flags: ConnectionFlags, env: Environment): Promise<ContextInEffect | undefined> {
  const found = await contextInEffect(flags, env);
  const own = found?.context.server;
  if (found === undefined || own === undefined) return found;
  const other = flags.server ?? (found.isChosen ? undefined : env["VSPHERE_SERVER"]?.trim() || undefined);
  return other === undefined || originOf(other) === originOf(own) ? found : undefined;
}

const proxyVariables = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"] as const;

/** Returns the proxy that takes precedence over the environment's; `undefined` where none does. */
async function readProxy(flags: ConnectionFlags, env: Environment): Promise<ServerSettings["proxy"]> {
  if (flags.proxy !== undefined) return parseProxy(flags.proxy, "--proxy");
  const found = await contextOfServer(flags, env);
  if (found?.context.proxy === undefined) return undefined;
  const isWeaker = !found.isChosen && proxyVariables.some((name) => (env[name]?.trim() ?? "") !== "");
  return isWeaker ? undefined : parseProxy(found.context.proxy, `"proxy" of context "${found.name}"`);
}

/** Returns the proxy of a context that names a server, for a command that knows only that server. */
export async function proxyOfKept(server: URL, env: Environment): Promise<ServerSettings["proxy"]> {
  const { contexts, defaultContext } = await readConfig(env);
  const matching = [...contexts.keys()].filter((name) => originOf(contexts.get(name)?.server) === server.origin);
  const chosen = chosenContext({}, env);
  const context = matching.find((name) => name === (chosen ?? defaultContext)) ?? matching[0];
  if (context === undefined) return undefined;
  const isDefault = chosen === undefined && context === defaultContext;
  return await readProxy({ server: server.origin, ...(isDefault ? {} : { context }) }, env);
}

function passwordOfContext(name: string, context: Context, env: Environment): PasswordSource | undefined {
  const { passwordFile: path, passwordCommand: command } = context;
  if (path !== undefined) return passwordFile(path, `"passwordFile" of context "${name}"`, env);
  return command === undefined ? undefined : passwordCommand(command, `"passwordCommand" of context "${name}"`);
}

function caOrigin(origin: string | undefined): string {
  return origin === "--ca" ? "--ca" : `"ca" in ${origin}`;
}

function readWire(text: string | undefined): ServerSettings["wire"] {
  const wire = text ?? "auto";
  if (wire === "auto" || wire === "api" || wire === "rest") return wire;
  throw usageError(`Invalid wire style "${wire}"`, "Use auto, api or rest.");
}

/** Describes the settings in effect and where they come from, a line for each. Contains neither passwords nor sessions. */
export function describeSettings(settings: ConnectionSettings): readonly string[] {
  const { server, login, wire, origins = {} } = settings;
  const from = (origin: string | undefined): string => (origin === undefined ? "" : ` (${origin})`);
  const password = login.password === undefined ? undefined : `the password (${login.password.origin})`;
  const session = 'the session saved by "carrel login"';
  const proxy = proxyFor(server, settings.proxy);
  return [
    `server: ${server.origin}${from(origins.server)}`,
    `user: ${login.user}${from(origins.user)}`,
    `login: ${[login.kind === "session" ? session : undefined, password].filter(Boolean).join(", or else ")}`,
    `wire style: ${wire}${from(origins.wire)}`,
    `certificate: ${describeTrust(settings)}`,
    `proxy: ${proxy?.origin ?? "none"}`,
  ];
}

function describeTrust({ server, thumbprint, thumbprintFrom, ca, origins = {} }: ConnectionSettings): string {
  if (server.protocol === "http:") return "none, with http://";
  if (thumbprint !== undefined) {
    return `only ${thumbprint} (${thumbprintFrom === "trust" ? "carrel trust" : (origins.thumbprint ?? "settings")})`;
  }
  if (ca !== undefined) return `signed by an authority in the file of ${origins.ca ?? "settings"}`;
  return "signed by an authority that Node trusts";
}

/**
 * Finds the settings for a server of which only the origin is known: those of this run if they name it, or those of a context
 * that does, or else its pin.
 */
export async function settingsOfKept(
  origin: string,
  flags: ConnectionFlags,
  env: Environment,
): Promise<ServerSettings> {
  const server = new URL(origin);
  const config = await readConfig(env);
  const context = [...config.contexts.keys()].find((name) => originOf(contextOf(config, name).server) === origin);
  const chosen = chosenContext(flags, env);
  const current = chosen === undefined ? (env["VSPHERE_SERVER"] ?? "") : contextOf(config, chosen).server;
  if (originOf(current) === origin) return await readServerSettings(flags, env);
  if (context !== undefined) return await readServerSettings({ ...flags, context }, env);
  const pin = await readPin(env, server);
  return {
    server,
    user: undefined,
    thumbprint: pin?.sha256,
    thumbprintFrom: pin && "trust",
    ca: undefined,
    wire: "auto",
    origins: {},
  };
}

function originOf(server: string | undefined): string | undefined {
  if (server === undefined || server.trim() === "") return undefined;
  try {
    return parseServer(server).origin;
  } catch {
    // An error in another server's address does not matter here.
    return undefined;
  }
}
