import { CarrelError, createClient, passwordAuth, tokenAuth } from "@carrel/core";
import type { AuthProvider, CarrelClient } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import type { ConnectionPool, NodeFetch, NodeFetchOptions } from "@carrel/node-stream";
import { openConnections } from "@carrel/node-stream/tls";
import { printable } from "../output/printable.ts";
import { askSecret } from "../run/ask.ts";
import { knownAs } from "../run/refused-logins.ts";
import type { Run } from "../run/run-command.ts";
import type { CliError } from "../process/cli-error.ts";
import type { ConnectionFlags, ConnectionSettings, Login, ServerSettings } from "../settings/connection-settings.ts";
import type { PasswordSource } from "../settings/password-source.ts";
import { describeSettings, MissingLoginError, readLogin, readServerSettings } from "../settings/read-settings.ts";
import { confirmCertificate, mayConfirm } from "./confirm-certificate.ts";
import type { Asking } from "./confirm-certificate.ts";
import { describeDiagnostic, describeInFull } from "./describe-diagnostic.ts";
import { traceTransfers } from "./trace-transfers.ts";

/** A client and the connections of its transfers. Disposal logs out and closes all sockets. */
export interface Connection extends AsyncDisposable {
  /** With the certificate that was trusted meanwhile. */
  readonly settings: ServerSettings;
  readonly client: CarrelClient;
  readonly fetch: NodeFetch;
  /** Connections of the transfers. */
  readonly pool: ConnectionPool;
  /** Whether the server has answered anything. */
  readonly hasAnswered: boolean;
}

/** Makes the login of a client. `reached` ends once the server was reached and its certificate accepted. */
export type MakeAuth = (reached: () => Promise<void>) => AuthProvider;

/** Creates a client from settings. Sends nothing yet. */
export function connect(settings: ConnectionSettings, run: Run): Connection {
  return connectWith(settings, (reached) => authOf(settings, reached, run.signal), run);
}

/** Creates a client that logs in by `makeAuth`. Sends nothing yet. */
export function connectWith(settings: ServerSettings, makeAuth: MakeAuth, run: Run): Connection {
  const { server, thumbprint, ca, wire, proxy, allowHttpTransfers } = settings;
  if (server.protocol === "http:") {
    run.warn("http:// sends the password and the files unencrypted: use https:// if the server has it");
  }
  const tls: NodeFetchOptions = defined({ thumbprint, ca, proxy, allowHttpTransfers });
  const { fetch, pool } = openConnections(tls);
  const auth = makeAuth(() => reach(connection, run.signal));
  const client = createClient({ endpoint: server, auth, fetch, wire });
  client.onDiagnostic((event) => {
    if (event.type === "left-open") run.warn(describeLeftSession(event.sessionId, event.error.message));
  });
  let hasAnswered = false;
  client.onDiagnostic(({ type }) => {
    if (type === "response" || type === "style") hasAnswered = true;
  });
  if (run.verbose) {
    client.onDiagnostic((event) => {
      const line = run.debug ? describeInFull(event) : describeDiagnostic(event);
      if (line !== undefined) run.trace(line);
    });
  }
  const transfers = run.verbose ? traceTransfers((text) => run.trace(text)) : undefined;
  const connection: Connection = {
    settings,
    client,
    fetch,
    pool,
    get hasAnswered() {
      return hasAnswered;
    },
    async [Symbol.asyncDispose]() {
      transfers?.[Symbol.dispose]();
      try {
        await client[Symbol.asyncDispose]();
      } finally {
        await Promise.all([fetch[Symbol.asyncDispose](), pool[Symbol.asyncDispose]()]);
      }
    },
  };
  return connection;
}

function authOf(settings: ConnectionSettings, reached: () => Promise<void>, signal: AbortSignal): AuthProvider {
  const { login } = settings;
  if (login.kind === "password") return passwordLogin(login.user, login.password, settings, reached, signal);
  const saved = tokenAuth(login.token);
  if (login.password === undefined) return saved;
  const byPassword = passwordLogin(login.user, login.password, settings, reached, signal);
  return {
    // The server ends the saved session once it has been idle for long.
    login: (exchange, rejected) => (rejected === undefined ? saved : byPassword).login(exchange, rejected),
    logout: async (exchange, token) => {
      if (token !== login.token) await byPassword.logout(exchange, token);
    },
  };
}

/**
 * Logs in with a password. It is read only once, and after the certificate was judged, but for one that is at hand where the
 * wire style is given: then nothing but the login itself reaches the server, and an extra request would.
 */
export function passwordLogin(
  username: string,
  source: PasswordSource,
  { wire }: ServerSettings,
  reached: () => Promise<void>,
  signal: AbortSignal,
): AuthProvider {
  const read = async (): Promise<string> => {
    if (wire === "auto" || source.mayAsk) await reached();
    return await source.read(signal);
  };
  let password: Promise<string> | undefined;
  return knownAs(
    username,
    passwordAuth(async () => ({ username, password: await (password ??= read()) })),
  );
}

/** Warns about a download session that is left on the server. */
export function describeLeftSession(id: string, why: string): string {
  const what = `Could not end download session ${printable(id)}, which will expire on the server: ${printable(why)}`;
  return `${what}. To end it now: carrel sessions rm ${printable(id)}`;
}

/** Options of {@link openConnection}. */
export interface OpenOptions {
  /** The server was reached already, and its certificate accepted. */
  readonly isReached?: boolean;
}

/**
 * Reads the settings and creates a client. Logs in at once where the password must be typed, or where it may be asked whether
 * to trust the certificate. The name of the server and its certificate come before a missing login.
 */
export async function openConnection(
  flags: ConnectionFlags & Asking,
  run: Run,
  { isReached = false }: OpenOptions = {},
): Promise<Connection> {
  const { io, signal } = run;
  const server = await readServerSettings(flags, io.env);
  const ask = (user: string, { host }: URL): Promise<string> => askSecret(`Password of ${user} at ${host}: `, run);
  const askPassword = io.stdin.isTTY && io.stderr.isTTY ? ask : undefined;
  const warn = (message: string): void => run.warn(message);
  const login = await loginOf(() => readLogin(server, flags, io.env, { warn, ...defined({ askPassword }) }));
  if (login instanceof MissingLoginError) {
    if (isReached) throw login;
    return await refuseReached(server, login, flags, run);
  }
  if (run.verbose) for (const line of describeSettings({ ...server, login })) run.trace(line);
  const open = (settings: ServerSettings): Connection => connect({ ...settings, login }, run);
  // Nothing may be drawn over a question.
  const isFirst = login.kind === "password" && (login.password.isTyped ?? mayConfirm(server, flags, run));
  if (!isFirst) return open(server);
  return await contact(server, open, async ({ client }) => void (await client.sessionToken({ signal })), flags, run);
}

async function loginOf(read: () => Promise<Login>): Promise<Login | MissingLoginError> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof MissingLoginError) return error;
    throw error;
  }
}

/**
 * Opens a connection and makes the first contact. Where that fails because the certificate is not known, asks whether to trust
 * it, and does it once more.
 */
export async function contact(
  settings: ServerSettings,
  open: (settings: ServerSettings) => Connection,
  first: (connection: Connection) => Promise<void>,
  asking: Asking,
  run: Run,
): Promise<Connection> {
  const attempt = async (used: ServerSettings): Promise<Connection> => {
    const connection = open(used);
    try {
      await first(connection);
      return connection;
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      throw error;
    }
  };
  try {
    return await attempt(settings);
  } catch (error) {
    return await attempt(await confirmCertificate(error, settings, asking, run));
  }
}

/** Throws an error once the server was reached: its name and its certificate come before what is missing for a login. */
export async function refuseReached(
  settings: ServerSettings,
  refusal: CliError,
  asking: Asking,
  run: Run,
): Promise<never> {
  const open = (used: ServerSettings): Connection => connectWith(used, () => noLogin, run);
  await using _ = await contact(settings, open, (connection) => reach(connection, run.signal), asking, run);
  throw refusal;
}

const noLogin: AuthProvider = {
  login: () => Promise.reject(new Error("The server is only reached here")),
  logout: async () => undefined,
};

/**
 * Connects to the server where nothing else has done so, so that its name and its certificate are known to be good before a
 * password is typed. Sends what finds out the wire style, which costs nothing where that has been found out.
 */
async function reach({ client, fetch, settings }: Connection, signal: AbortSignal): Promise<void> {
  if (settings.wire === "auto") return void (await client.wireStyle({ signal }));
  await using probing = createClient({ endpoint: settings.server, auth: noLogin, fetch });
  try {
    await probing.wireStyle({ signal });
  } catch (error) {
    // It has answered. Who names the wire style may have to.
    if (!(error instanceof CarrelError && error.code === "PROTOCOL")) throw error;
  }
}
