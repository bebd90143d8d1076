import { VcenterItem } from "@carrel/node-stream/source";
import type { RemoteItem } from "@carrel/node-stream/source";
import type { MirrorSource } from "@carrel/mirror/source";
import type { CatalogClient } from "../names/catalog-client.ts";
import type { Connection } from "./connect.ts";
import type { PublishedConnection } from "./published-library.ts";

/** Where items are downloaded from: a vCenter, or a published library. */
export type ItemServer =
  | Pick<Connection, "client" | "pool">
  | Pick<PublishedConnection, "client" | "pool" | "subscription">;

/** The same for mirrors. */
export function mirrorSource(server: ItemServer): MirrorSource {
  const { library, item }: CatalogClient = server.client;
  return { library, item, remoteItem: (id) => remoteItem(server, id) };
}

/** An item of it, by its id. */
export function remoteItem(server: ItemServer, id: string): RemoteItem {
  return "subscription" in server ? server.subscription.remoteItem(id) : new VcenterItem(server.client, id);
}
