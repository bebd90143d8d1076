import { createNodeFetch } from "./create-node-fetch.ts";
import type { NodeFetch } from "./create-node-fetch.ts";
import { ConnectionPool } from "../tls/connection-pool.ts";
import type { TlsOptions } from "../tls/tls-options.ts";

/**
 * Creates the fetch of a client, and the connections of its transfers. The main entry has both, and loads with them all that a
 * transfer needs. Sends nothing. Does not follow semantic versioning.
 */
export function openConnections(options: TlsOptions): { readonly fetch: NodeFetch; readonly pool: ConnectionPool } {
  return { fetch: createNodeFetch(options), pool: new ConnectionPool(options) };
}
