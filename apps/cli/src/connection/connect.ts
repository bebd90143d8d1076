import { createClient, passwordAuth, tokenAuth } from "@carrel/core";
import type { AuthProvider, CarrelClient, DiagnosticEvent } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { ConnectionPool, createNodeFetch } from "@carrel/node-stream";
import type { NodeFetch, NodeFetchOptions } from "@carrel/node-stream";
import { printable } from "../output/printable.ts";
import { askSecret } from "../run/ask.ts";
import { knownAs } from "../run/refused-logins.ts";
import type { Run } from "../run/run-command.ts";
import type { ConnectionFlags, ConnectionSettings, Login, ServerSettings } from "../settings/connection-settings.ts";
import { describeSettings, readSettings } from "../settings/read-settings.ts";
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
  return connectWith(settings, authOf(settings.login), run);
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
  if (run.debug) client.onDiagnostic((event) => run.trace(describeDiagnostic(event)));
  const transfers = run.debug ? traceTransfers((text) => run.trace(text)) : undefined;
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

function authOf(login: Login): AuthProvider {
  if (login.kind === "session") return tokenAuth(login.token);
  return knownAs(login.user, passwordAuth({ username: login.user, password: login.password }));
}

/** Warns about a download session that is left on the server. */
export function describeLeftSession(id: string, why: string): string {
  const what = `Could not end download session ${printable(id)}, which will expire on the server: ${printable(why)}`;
  return `${what}. To end it now: carrel sessions rm ${printable(id)}`;
}

function describeDiagnostic(event: DiagnosticEvent): string {
  const { type, ...rest } = event;
  return `${type} ${JSON.stringify(rest)}`;
}

/** Reads the settings, asks for a missing password where there is a terminal, and creates a client. */
export async function openConnection(flags: ConnectionFlags, run: Run): Promise<Connection> {
  const canAsk = run.io.stdin.isTTY && run.io.stderr.isTTY;
  let asked = false;
  const ask = (user: string, { host }: URL): Promise<string> => {
    asked = true;
    return askSecret(`Password of ${user} at ${host}: `, run);
  };
  const warn = (message: string): void => run.warn(message);
  const person = { warn, ...defined({ askPassword: canAsk ? ask : undefined }) };
  const settings = await readSettings(flags, run.io.env, person);
  if (run.debug) for (const line of await describeSettings(settings, { asked })) run.trace(line);
  return connect(settings, run);
}
