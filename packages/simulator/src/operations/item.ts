import { defined } from "@carrel/core/kit";
import type { ItemFindSpec, ItemModel, SubscribedItemSyncSpec } from "@carrel/core";
import type { Item, Library } from "../state/library-store.ts";
import { VapiError, invalidArgument, invalidElementType, message } from "../model/vapi-error.ts";
import type { World } from "../state/world.ts";
import type { ItemId, LibraryId, ServiceHandlers } from "./handler.ts";
import { libraryOfType, requireText, sameName } from "./library.ts";

/** Operations of the services `item` and `subscribedItem`. */
export const itemHandlers: ServiceHandlers<"item" | "subscribedItem"> = {
  "item.list": (input: LibraryId, { world }) => [...world.store.library(input.library_id).itemIds],
  "item.get": (input: ItemId, { world }) => itemModel(world.store.item(input.library_item_id), world),
  "item.find": (input: ItemFindSpec, { world }) => {
    if (Object.keys(input).length === 0) throw invalidArgument("The specification is empty.");
    return [...world.store.items.values()].filter((item) => matches(item, input, world)).map((item) => item.id);
  },
  "item.create": (input: ItemModel, { world, clientToken }) => {
    const { library_id: libraryId = "", name = "", description = "", type = "" } = input;
    requireText("name", name, 80);
    requireText("description", description, 2000, 0);
    const library = requireLocal(libraryId, world);
    return world.clientTokens.once(
      "item.create",
      clientToken,
      input,
      (id) => world.store.items.has(id),
      () => {
        requireNewName(library, name, world);
        return world.store.addItem(library, { name, description, type }).id;
      },
    );
  },
  "item.delete": (input: ItemId, { world }) => {
    const item = world.store.item(input.library_item_id);
    requireLocal(item.libraryId, world);
    world.store.removeItem(item);
  },
  "subscribedItem.sync": (input: ItemId & SubscribedItemSyncSpec, { world }) => {
    const item = world.store.item(input.library_item_id);
    const library = world.store.library(item.libraryId);
    if (library.type !== "SUBSCRIBED") throw invalidElementType(`The item ${item.id} is not in a subscribed library.`);
    item.lastSyncTime = new Date(world.clock.wall());
    const wantsContent = input.force_sync_content || !library.onDemand;
    if (wantsContent) item.cachedAt ??= world.clock.now() + world.settings.prepare.syncMs;
  },
};

/** Returns the library, which must be local: only the publisher changes the items of a subscribed one. */
export function requireLocal(libraryId: string, world: World): Library {
  return libraryOfType(world, libraryId, "LOCAL");
}

function requireNewName(library: Library, name: string, world: World): void {
  if (![...library.itemIds].some((id) => sameName(world.store.item(id).name, name))) return;
  throw new VapiError("ALREADY_EXISTS", [
    message("com.vmware.vdcs.cls-main.already_exists", `The library already has an item named ${name}.`, { name }),
  ]);
}

function matches(item: Item, spec: ItemFindSpec, world: World): boolean {
  return (
    (spec.name === undefined || sameName(item.name, spec.name)) &&
    (spec.library_id === undefined || item.libraryId === spec.library_id) &&
    (spec.source_id === undefined || item.sourceId === spec.source_id) &&
    (spec.type === undefined || sameName(item.type, spec.type)) &&
    (spec.cached === undefined || world.store.isCached(item) === spec.cached)
  );
}

function itemModel(item: Item, world: World): ItemModel {
  const cached = world.store.isCached(item);
  const sizes = [...item.files.values()].map((file) => file.states.sizeBytes ?? file.content.sizeBytes);
  return {
    id: item.id,
    library_id: item.libraryId,
    content_version: String(item.contentVersion),
    creation_time: item.creationTime.toISOString(),
    description: item.description,
    last_modified_time: item.lastModifiedTime.toISOString(),
    ...defined({ last_sync_time: item.lastSyncTime?.toISOString(), source_id: item.sourceId }),
    metadata_version: String(item.metadataVersion),
    name: item.name,
    cached,
    size: cached ? sizes.reduce((sum, size) => sum + size, 0) : 0,
    type: item.type,
    version: String(item.version),
  };
}
