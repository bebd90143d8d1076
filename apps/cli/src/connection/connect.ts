import { createClient, passwordAuth, tokenAuth } from "@carrel/core";
import type { AuthProvider, CarrelClient } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { ConnectionPool, createNodeFetch } from "@carrel/node-stream";
import type { NodeFetch, NodeFetchOptions } from "@carrel/node-stream";
import { printable } from "../output/printable.ts";
import { askSecret } from "../run/ask.ts";
import { knownAs } from "../run/refused-logins.ts";
import type { Run } from "../run/run-command.ts";
import type { ConnectionFlags, ConnectionSettings, Login, ServerSettings } from "../settings/connection-settings.ts";
import type { PasswordSource } from "../settings/password-source.ts";
import { describeSettings, readSettings } from "../settings/read-settings.ts";
import { describeDiagnostic, describeInFull } from "./describe-diagnostic.ts";
import { traceTransfers } from "./trace-transfers.ts";

/** A client and the connections of its transfers. Disposal logs out and closes all sockets. */
export interface Connection extends AsyncDisposable {
  readonly client: CarrelClient;
  readonly fetch: NodeFetch;
  /** Connections of the transfers. */
  readonly pool: ConnectionPool;
}

/** Creates a client from settings. Sends nothing yet. */
export function connect(settings: ConnectionSettings, run: Run): Connection {
  return connectWith(settings, authOf(settings.login, run.signal), run);
}

/** Creates a client that logs in by `auth`. Sends nothing yet. */
export function connectWith(settings: ServerSettings, auth: AuthProvider, run: Run): Connection {
  const { server, thumbprint, ca, wire, proxy, allowHttpTransfers } = settings;
  if (server.protocol === "http:") {
    run.warn("http:// sends the password and the files unencrypted: use https:// if the server has it");
  }
  const tls: NodeFetchOptions = defined({ thumbprint, ca, proxy, allowHttpTransfers });
  const fetch = createNodeFetch(tls);
  const pool = new ConnectionPool(tls);
  const client = createClient({ endpoint: server, auth, fetch, wire });
  client.onDiagnostic((event) => {
    if (event.type === "left-open") run.warn(describeLeftSession(event.sessionId, event.error.message));
  });
  if (run.verbose) {
    client.onDiagnostic((event) => {
      const line = run.debug ? describeInFull(event) : describeDiagnostic(event);
      if (line !== undefined) run.trace(line);
    });
  }
  const transfers = run.verbose ? traceTransfers((text) => run.trace(text)) : undefined;
  return {
    client,
    fetch,
    pool,
    async [Symbol.asyncDispose]() {
      transfers?.[Symbol.dispose]();
      try {
        await client[Symbol.asyncDispose]();
      } finally {
        await Promise.all([fetch[Symbol.asyncDispose](), pool[Symbol.asyncDispose]()]);
      }
    },
  };
}

function authOf(login: Login, signal: AbortSignal): AuthProvider {
  if (login.kind === "password") return passwordLogin(login.user, login.password, signal);
  const saved = tokenAuth(login.token);
  if (login.password === undefined) return saved;
  const byPassword = passwordLogin(login.user, login.password, signal);
  return {
    // The server ends the saved session once it has been idle for long.
    login: (exchange, rejected) => (rejected === undefined ? saved : byPassword).login(exchange, rejected),
    logout: async (exchange, token) => {
      if (token !== login.token) await byPassword.logout(exchange, token);
    },
  };
}

/** Logs in with a password. It is read when the server asks for it, so after the certificate was judged, and only once. */
export function passwordLogin(username: string, source: PasswordSource, signal: AbortSignal): AuthProvider {
  let password: Promise<string> | undefined;
  return knownAs(
    username,
    passwordAuth(async () => ({ username, password: await (password ??= source.read(signal)) })),
  );
}

/** Warns about a download session that is left on the server. */
export function describeLeftSession(id: string, why: string): string {
  const what = `Could not end download session ${printable(id)}, which will expire on the server: ${printable(why)}`;
  return `${what}. To end it now: carrel sessions rm ${printable(id)}`;
}

/** Reads the settings and creates a client. Logs in at once where the password must be typed. */
export async function openConnection(flags: ConnectionFlags, run: Run): Promise<Connection> {
  const canAsk = run.io.stdin.isTTY && run.io.stderr.isTTY;
  const ask = async (user: string, { host }: URL): Promise<string> => {
    await reach(settings, connection.fetch, run.signal);
    return askSecret(`Password of ${user} at ${host}: `, run);
  };
  const warn = (message: string): void => run.warn(message);
  const person = { warn, ...defined({ askPassword: canAsk ? ask : undefined }) };
  const settings = await readSettings(flags, run.io.env, person);
  if (run.verbose) for (const line of describeSettings(settings)) run.trace(line);
  const connection = connect(settings, run);
  if (!settings.login.password?.isTyped) return connection;
  // Asked for now, because nothing may be drawn over the question.
  try {
    await connection.client.sessionToken({ signal: run.signal });
    return connection;
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Connects to the server where nothing else has done so, so that its name and its certificate are known to be good before a
 * password is typed. Finding out the wire style does it by the way.
 */
export async function reach({ server, wire }: ServerSettings, fetch: NodeFetch, signal: AbortSignal): Promise<void> {
  if (wire === "auto") return;
  const answer = await fetch(new URL("/", server).href, { method: "HEAD", redirect: "manual", signal });
  await answer.body?.cancel();
}
