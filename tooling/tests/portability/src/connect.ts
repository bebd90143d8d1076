import { createClient, passwordAuth } from "@carrel/core";
import type { CarrelClient, ClientOptions, WireStyle } from "@carrel/core";
import { check } from "./check.ts";
import type { TestServer } from "./test-server.ts";

/** A client of the target. */
export function connect(
  { origin, username, password }: Pick<TestServer, "origin" | "username" | "password">,
  wire: WireStyle | "auto",
  options: Partial<ClientOptions> = {},
): CarrelClient {
  return createClient({ endpoint: origin, auth: passwordAuth({ username, password }), wire, ...options });
}

/**
 * Gives a client to some work and disposes it afterwards.
 * Without `await using`: Node 22 does not know it, and it runs these files as they are.
 */
export async function withClient<T>(client: CarrelClient, work: (client: CarrelClient) => Promise<T>): Promise<T> {
  try {
    return await work(client);
  } finally {
    await client[Symbol.asyncDispose]();
  }
}

/** The id of the target's item, found by the names of the library and the item. */
export async function findItem(client: CarrelClient, { libraryName, itemName }: TestServer): Promise<string> {
  const [libraryId, ...otherLibraries] = await client.library.find({ name: libraryName });
  check(libraryId !== undefined && otherLibraries.length === 0, "the library is found by its name");
  const [itemId, ...otherItems] = await client.item.find({ library_id: libraryId, name: itemName });
  check(itemId !== undefined && otherItems.length === 0, "the item is found by its name");
  return itemId;
}
