import type { LibraryFindSpec, LibraryModel, LibraryType, StorageBacking } from "@carrel/core";
import type { Library } from "../state/library-store.ts";
import { invalidArgument, invalidElementType } from "../model/vapi-error.ts";
import type { World } from "../state/world.ts";
import type { LibraryId, ServiceHandlers } from "./handler.ts";

/** Operations of the services `library`, `localLibrary` and `subscribedLibrary`. */
export const libraryHandlers: ServiceHandlers<"library" | "localLibrary" | "subscribedLibrary"> = {
  "library.list": (_, { world }) => idsOfType(world),
  "library.get": (input: LibraryId, { world }) => libraryModel(world.store.library(input.library_id), world),
  "library.find": (input: LibraryFindSpec, { world }) => {
    const { name, type, storage_backing: wanted } = input;
    if (Object.keys(input).length === 0) throw invalidArgument("The specification is empty.");
    return [...world.store.libraries.values()]
      .filter((library) => name === undefined || sameName(library.name, name))
      .filter((library) => type === undefined || library.type === type)
      .filter(
        (library) => wanted === undefined || library.storageBackings.some((backing) => isSameBacking(backing, wanted)),
      )
      .map((library) => library.id);
  },
  "localLibrary.list": (_, { world }) => idsOfType(world, "LOCAL"),
  "localLibrary.get": (input: LibraryId, { world }) => getOfType(world, input.library_id, "LOCAL"),
  "localLibrary.create": (input: LibraryModel, { world, clientToken }) => {
    const { name = "", description = "", type, storage_backings } = input;
    requireText("name", name, 80);
    requireText("description", description, 2000, 0);
    if (type === "SUBSCRIBED") throw invalidArgument("A local library cannot be of type SUBSCRIBED.", { type });
    return world.clientTokens.once(
      "localLibrary.create",
      clientToken,
      input,
      (id) => world.store.libraries.has(id),
      () => world.store.addLibrary({ name, description }, storage_backings).id,
    );
  },
  "localLibrary.delete": (input: LibraryId, { world }) => {
    world.store.removeLibrary(libraryOfType(world, input.library_id, "LOCAL"));
  },
  "subscribedLibrary.list": (_, { world }) => idsOfType(world, "SUBSCRIBED"),
  "subscribedLibrary.get": (input: LibraryId, { world }) => getOfType(world, input.library_id, "SUBSCRIBED"),
  "subscribedLibrary.sync": (input: LibraryId, { world }) => {
    world.store.synchronise(libraryOfType(world, input.library_id, "SUBSCRIBED"), world.settings.prepare.syncMs);
  },
};

/** Names are compared without regard to case. */
export function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Throws where a string is too short or too long. */
export function requireText(name: string, text: string, longest: number, shortest = 1): void {
  if (text.length >= shortest && text.length <= longest) return;
  throw invalidArgument(`The ${name} must have ${shortest} to ${longest} characters.`, { name });
}

function isSameBacking(one: StorageBacking, other: StorageBacking): boolean {
  return one.datastore_id === other.datastore_id && one.storage_uri === other.storage_uri;
}

/** Returns the library, which must be of the type. */
export function libraryOfType(world: World, id: string, type: LibraryType): Library {
  const library = world.store.library(id);
  if (library.type !== type) throw invalidElementType(`The library ${id} is not of type ${type}.`);
  return library;
}

function idsOfType(world: World, type?: LibraryType): string[] {
  return [...world.store.libraries.values()]
    .filter((library) => type === undefined || library.type === type)
    .map((library) => library.id);
}

function getOfType(world: World, id: string, type: LibraryType): LibraryModel {
  return libraryModel(libraryOfType(world, id, type), world);
}

function libraryModel(library: Library, world: World): LibraryModel {
  return {
    id: library.id,
    creation_time: library.creationTime.toISOString(),
    description: library.description,
    last_modified_time: library.lastModifiedTime.toISOString(),
    name: library.name,
    storage_backings: library.storageBackings,
    type: library.type,
    version: String(library.version),
    server_guid: world.server.guid,
    ...(library.type === "LOCAL"
      ? {
          optimization_info: { optimize_remote_publishing: false },
          publish_info: { authentication_method: "NONE", published: false, persist_json_enabled: false },
        }
      : { last_sync_time: world.store.lastSyncTime(library).toISOString() }),
    ...(library.subscriptionInfo ? { subscription_info: library.subscriptionInfo } : {}),
    ...(world.traits.fileDownloadEndpoint ? { state_info: { state: "ACTIVE" } } : {}),
  };
}
