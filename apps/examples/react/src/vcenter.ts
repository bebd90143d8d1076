import { createClient, tokenAuth } from "@carrel/core";
import type { ItemModel } from "@carrel/core";

/** The client of the whole application. The relay in vite.config.ts has logged in, and keeps the session id. */
export const client = createClient({
  endpoint: "/vcenter",
  auth: tokenAuth("kept-by-the-relay"),
  endOnPageHide: true,
});

/** All items of all libraries. */
export async function listItems(): Promise<readonly ItemModel[]> {
  const libraries = await client.library.list();
  const items = await Promise.all(libraries.map((id) => client.item.list({ library_id: id })));
  return Promise.all(items.flat().map((id) => client.item.get(id)));
}
