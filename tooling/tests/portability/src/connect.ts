import { createClient, passwordAuth } from "@carrel/core";
import type { CarrelClient, ClientOptions, WireStyle } from "@carrel/core";
import { check } from "./check.ts";
import type { TestServer } from "./test-server.ts";

/** Makes a client of the test server. */
export function connect(
  { origin, username, password }: Pick<TestServer, "origin" | "username" | "password">,
  wire: WireStyle | "auto",
  options: Partial<ClientOptions> = {},
): CarrelClient {
  return createClient({ endpoint: origin, auth: passwordAuth({ username, password }), wire, ...options });
}

/**
 * Passes a client to some work and disposes it afterwards.
 * Without `await using`, because Node 22 does not support it and runs these files as they are.
 */
export async function withClient<T>(client: CarrelClient, work: (client: CarrelClient) => Promise<T>): Promise<T> {
  try {
    return await work(client);
  } finally {
    await client[Symbol.asyncDispose]();
  }
}

/** Finds the item of the test server by the names of library and item, and returns its id. */
export async function findItem(client: CarrelClient, { libraryName, itemName }: TestServer): Promise<string> {
  const [libraryId, ...otherLibraries] = await client.library.find({ name: libraryName });
  check(libraryId !== undefined && otherLibraries.length === 0, "the library is found by its name");
  const [itemId, ...otherItems] = await client.item.find({ library_id: libraryId, name: itemName });
  check(itemId !== undefined && otherItems.length === 0, "the item is found by its name");
  return itemId;
}
