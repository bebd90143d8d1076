import { ServerError } from "@carrel/core";
import type { ItemFileInfo, ItemModel, LibraryModel } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import type { Subscription } from "@carrel/vcsp/subscribe";
import { digestOf } from "@carrel/vcsp/subscribe";
import type { CatalogClient } from "./catalog-client.ts";

type PublishedItem = Subscription["items"][number];

/**
 * The items of a published library, as those of a vCenter's library are listed. Asks nothing: all of it was read. After a download
 * that found another version, that is what is listed.
 */
export class PublishedCatalog implements CatalogClient {
  readonly origin: string;
  readonly address: string;
  readonly library: CatalogClient["library"];
  readonly item: CatalogClient["item"];

  constructor(subscription: Subscription, { origin, address }: { readonly origin: string; readonly address: string }) {
    const { library } = subscription;
    this.origin = origin;
    this.address = address;
    const itemOf = (id: string): PublishedItem => subscription.findItem(id) ?? notFound("item.get");
    this.library = {
      list: async () => [library.id],
      find: async ({ name }) => (isSame(library.name, name ?? "") ? [library.id] : []),
      get: async (id) => (id === library.id ? libraryModel(subscription.library) : notFound("library.get")),
    };
    this.item = {
      list: async () => subscription.items.map(({ id }) => id),
      find: async ({ name, type }) => {
        const isFound = (item: PublishedItem): boolean =>
          (name === undefined || isSame(item.name, name)) && (type === undefined || isSame(typeOf(item), type));
        return subscription.items.filter(isFound).map(({ id }) => id);
      },
      get: async (id) => modelOf(itemOf(id), library.id),
      file: { list: async (id) => filesOf(itemOf(id)) },
    };
  }
}

function libraryModel({ id, name, version, created }: Subscription["library"]): LibraryModel {
  return { id, name, version: String(version), ...defined({ creation_time: created || undefined }) };
}

function notFound(operation: string): never {
  throw new ServerError(operation, { errorType: "NOT_FOUND", status: 404, messages: [], data: undefined });
}

/** As servers find names. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function typeOf({ type }: PublishedItem): string {
  return type.replace(/^vcsp\./u, "");
}

function modelOf(item: PublishedItem, libraryId: string): ItemModel {
  const { id, name, description, version, created, files } = item;
  return {
    id,
    name,
    library_id: libraryId,
    type: typeOf(item),
    version: String(version),
    content_version: String(version),
    cached: true,
    size: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    ...defined({ description: description || undefined, creation_time: created || undefined }),
  };
}

function filesOf({ version, files }: PublishedItem): ItemFileInfo[] {
  return files.map((file) => {
    const digest = digestOf(file);
    return {
      name: file.name,
      size: file.sizeBytes,
      version: String(version),
      cached: true,
      ...(digest !== undefined && { checksum_info: { algorithm: "SHA256" as const, checksum: digest.hex } }),
    };
  });
}
