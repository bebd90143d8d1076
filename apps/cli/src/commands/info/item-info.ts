import type { ItemFileInfo, ItemModel, LibraryModel, StorageBacking, VerifiedBy } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { readChecksum } from "@carrel/node-stream/fs";
import type { OvfDescriptor } from "@carrel/node-stream/ovf";
import { isoTime, versionOf } from "../../output/wire-values.ts";
import type { Version } from "../../output/wire-values.ts";
import type { DeployProblem } from "./deploy-problems.ts";

/** What is known of a library; with --json it is written like this. */
export interface LibraryInfo {
  readonly type: "library";
  readonly library: string;
  readonly libraryId: string;
  /** `local` or `subscribed`. */
  readonly libraryType?: string;
  readonly description?: string;
  readonly createdAt?: string;
  readonly modifiedAt?: string;
  readonly synchronizedAt?: string;
  readonly version?: Version;
  readonly itemCount: number;
  readonly storage: readonly StoragePlace[];
  readonly subscription?: Subscription;
  /** Where subscribers find it. */
  readonly publishedAt?: string;
}

/** Where a library keeps content. */
export interface StoragePlace {
  readonly datastoreId?: string;
  readonly uri?: string;
}

/** How a library follows its publisher. */
export interface Subscription {
  readonly publisher?: string;
  /** File content is fetched only when asked for. */
  readonly onDemand?: boolean;
  /** The vCenter synchronizes it by its schedule. */
  readonly automatic?: boolean;
}

/** What is known of an item; with --json it is written like this. */
export interface ItemInfo {
  readonly type: "item";
  readonly item: string;
  readonly itemId: string;
  readonly itemType?: string;
  readonly library: string;
  readonly libraryId: string;
  readonly description?: string;
  readonly createdAt?: string;
  readonly modifiedAt?: string;
  readonly synchronizedAt?: string;
  readonly contentVersion?: Version;
  readonly metadataVersion?: Version;
  readonly version?: Version;
  readonly cached?: boolean;
  /** Bytes on the server's storage; absent where the content is not there. */
  readonly sizeBytes?: number;
  readonly storage: readonly StoragePlace[];
  readonly subscription?: Subscription;
  readonly files: readonly FileInfo[];
  readonly descriptor?: DescriptorInfo;
  /** What would make a deployment fail, as far as the descriptor shows it. */
  readonly problems: readonly DeployProblem[];
}

/** A file of an item. */
export interface FileInfo {
  readonly file: string;
  readonly version: Version;
  readonly cached: boolean;
  readonly sizeBytes?: number;
  readonly checksum?: { readonly algorithm: string; readonly hex: string };
}

/** What a descriptor says, and how it is known to be whole. */
export interface DescriptorInfo extends OvfDescriptor {
  readonly file: string;
  readonly verifiedBy: VerifiedBy;
}

export function libraryInfo(library: LibraryModel & { readonly id: string }, itemCount: number): LibraryInfo {
  return {
    type: "library",
    library: library.name ?? library.id,
    libraryId: library.id,
    ...defined({ libraryType: library.type?.toLowerCase(), ...commonOf(library) }),
    itemCount,
    storage: storageOf(library),
    ...subscriptionOf(library),
    ...defined({ publishedAt: withoutLogin(library.publish_info?.publish_url) }),
  };
}

export function itemInfo(
  item: ItemModel & { readonly id: string },
  library: LibraryModel & { readonly id: string },
  files: readonly ItemFileInfo[],
): ItemInfo {
  const contentVersion = versionOf(item.content_version);
  const metadataVersion = versionOf(item.metadata_version);
  const { cached } = item;
  return {
    type: "item",
    item: item.name ?? item.id,
    itemId: item.id,
    ...defined({ itemType: item.type || undefined }),
    library: library.name ?? library.id,
    libraryId: library.id,
    ...defined({ ...commonOf(item), contentVersion, metadataVersion, cached }),
    ...defined({ sizeBytes: cached === false ? undefined : item.size }),
    storage: storageOf(library),
    ...subscriptionOf(library),
    files: files.map(fileInfo),
    problems: [],
  };
}

function fileInfo({ name, version, cached, size, checksum_info: info }: ItemFileInfo): FileInfo {
  return {
    file: name,
    version: versionOf(version),
    cached,
    ...defined({ sizeBytes: cached ? size : undefined, checksum: readChecksum(info) }),
  };
}

type Common = Pick<ItemInfo, "description" | "createdAt" | "modifiedAt" | "synchronizedAt" | "version">;

function commonOf(model: LibraryModel | ItemModel): Common {
  return {
    ...defined({
      description: model.description?.trim() || undefined,
      createdAt: isoTime(model.creation_time),
      modifiedAt: isoTime(model.last_modified_time),
      synchronizedAt: isoTime(model.last_sync_time),
      version: versionOf(model.version),
    }),
  };
}

function storageOf({ storage_backings: backings = [] }: LibraryModel): readonly StoragePlace[] {
  return backings.map(({ datastore_id: datastoreId, storage_uri: uri }: StorageBacking) =>
    defined({ datastoreId, uri: withoutLogin(uri) }),
  );
}

function subscriptionOf({ subscription_info: info }: LibraryModel): { readonly subscription?: Subscription } {
  if (info === undefined) return {};
  const { on_demand: onDemand, automatic_sync_enabled: automatic, subscription_url: url } = info;
  return { subscription: defined({ publisher: withoutLogin(url), onDemand, automatic }) };
}

/** Somebody may have written a password into a URL. */
function withoutLogin(text: string | undefined): string | undefined {
  const url = text === undefined ? undefined : URL.parse(text);
  if (!url || (url.username === "" && url.password === "")) return text;
  url.username = "";
  url.password = "";
  return url.href;
}
