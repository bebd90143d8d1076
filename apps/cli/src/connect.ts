import { createClient, passwordAuth } from "@carrel/core";
import type { CarrelClient, DiagnosticEvent } from "@carrel/core";
import { createNodeFetch } from "@carrel/node-stream";
import type { NodeFetchOptions } from "@carrel/node-stream";
import type { Run } from "./run-command.ts";
import type { ConnectionSettings } from "./settings/connection-settings.ts";

/** A client, and how its transfers are to connect. Disposal logs out and closes all sockets. */
export interface Connection extends AsyncDisposable {
  readonly client: CarrelClient;
  readonly tls: NodeFetchOptions;
}

/** Makes a client from settings. Nothing is sent yet. */
export function connect(settings: ConnectionSettings, run: Run): Connection {
  const { server, user, password, thumbprint, ca, wire } = settings;
  if (server.protocol === "http:") {
    run.warn("http:// sends the password and the files unencrypted. Use https:// wherever you can.");
  }
  const tls: NodeFetchOptions = { ...(thumbprint ? { thumbprint } : {}), ...(ca ? { ca } : {}) };
  const fetch = createNodeFetch(tls);
  const client = createClient({ endpoint: server, auth: passwordAuth({ username: user, password }), fetch, wire });
  if (run.debug) client.onDiagnostic((event) => run.trace(describeDiagnostic(event)));
  return {
    client,
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

function describeDiagnostic(event: DiagnosticEvent): string {
  const { type, ...rest } = event;
  return `${type} ${JSON.stringify(rest)}`;
}
