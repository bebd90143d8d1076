import { createClient, passwordAuth } from "@carrel/core";
import type { CarrelClient } from "@carrel/core";
import { ConnectionPool, createNodeFetch } from "@carrel/node-stream";

/** A client of a vCenter, and the connections of its transfers, which accept the same certificate. */
export interface Vcenter extends AsyncDisposable {
  readonly client: CarrelClient;
  readonly pool: ConnectionPool;
}

/** Connects to the vCenter that the environment names, by the variables of the command line tool. */
export function connect(env: NodeJS.ProcessEnv = process.env): Vcenter {
  const { VSPHERE_SERVER = "", VSPHERE_THUMBPRINT = "", VSPHERE_USER = "", VSPHERE_PASSWORD = "" } = env;
  const tls = { thumbprint: VSPHERE_THUMBPRINT };
  const fetch = createNodeFetch(tls);
  const pool = new ConnectionPool(tls);
  const auth = passwordAuth({ username: VSPHERE_USER, password: VSPHERE_PASSWORD });
  const client = createClient({ endpoint: VSPHERE_SERVER, auth, fetch });
  return {
    client,
    pool,
    async [Symbol.asyncDispose]() {
      await client.close();
      await Promise.all([fetch.close(), pool.close()]);
    },
  };
}

/** Finds an item by the names of its library and its own. */
export async function findItem(client: CarrelClient, libraryName: string, itemName: string): Promise<string> {
  const [library_id] = await client.library.find({ name: libraryName });
  const [itemId] = library_id === undefined ? [] : await client.item.find({ library_id, name: itemName });
  if (itemId === undefined) throw new Error(`There is no item ${libraryName}/${itemName}`);
  return itemId;
}
