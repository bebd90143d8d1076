import type { CarrelClient } from "@carrel/core";
import { VcenterItem } from "@carrel/node-stream/source";
import type { RemoteItem } from "@carrel/node-stream/source";

/**
 * Where a library is mirrored from: what lists it and its items, as a client does, and what its items are downloaded from.
 *
 * @private Does not follow semantic versioning.
 */
export interface MirrorSource {
  readonly library: Pick<CarrelClient["library"], "get">;
  readonly item: Pick<CarrelClient["item"], "list" | "get"> & {
    readonly file: Pick<CarrelClient["item"]["file"], "list">;
  };
  /** An item, for downloads. */
  remoteItem(itemId: string): RemoteItem;
}

/**
 * A vCenter as such a source.
 *
 * @private Does not follow semantic versioning.
 */
export function vcenterSource(client: CarrelClient): MirrorSource {
  const { library, item } = client;
  return { library, item, remoteItem: (itemId) => new VcenterItem(client, itemId) };
}
