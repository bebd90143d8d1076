import { createClient, passwordAuth, tokenAuth } from "@carrel/core";
import type { AuthProvider, CarrelClient, DiagnosticEvent } from "@carrel/core";
import { createNodeFetch } from "@carrel/node-stream";
import type { NodeFetch, NodeFetchOptions } from "@carrel/node-stream";
import type { Run } from "./run-command.ts";
import type { ConnectionSettings, Login, ServerSettings } from "./settings/connection-settings.ts";

/** A client, and how its transfers are to connect. Disposal logs out and closes all sockets. */
export interface Connection extends AsyncDisposable {
  readonly client: CarrelClient;
  readonly fetch: NodeFetch;
  readonly tls: NodeFetchOptions;
}

/** Makes a client from settings. Nothing is sent yet. */
export function connect(settings: ConnectionSettings, run: Run): Connection {
  return connectWith(settings, authOf(settings.login), run);
}

/** The same with another way to log in. */
export function connectWith(settings: ServerSettings, auth: AuthProvider, run: Run): Connection {
  const { server, thumbprint, ca, wire } = settings;
  if (server.protocol === "http:") {
    run.warn("http:// sends the password and the files unencrypted. Use https:// wherever you can.");
  }
  const tls: NodeFetchOptions = { ...(thumbprint ? { thumbprint } : {}), ...(ca ? { ca } : {}) };
  const fetch = createNodeFetch(tls);
  const client = createClient({ endpoint: server, auth, fetch, wire });
  if (run.debug) client.onDiagnostic((event) => run.trace(describeDiagnostic(event)));
  return {
    client,
    fetch,
    tls,
    async [Symbol.asyncDispose]() {
      try {
        await client[Symbol.asyncDispose]();
      } finally {
        await fetch[Symbol.asyncDispose]();
      }
    },
  };
}

function authOf(login: Login): AuthProvider {
  if (login.kind === "session") return tokenAuth(login.token);
  return passwordAuth({ username: login.user, password: login.password });
}

function describeDiagnostic(event: DiagnosticEvent): string {
  const { type, ...rest } = event;
  return `${type} ${JSON.stringify(rest)}`;
}
