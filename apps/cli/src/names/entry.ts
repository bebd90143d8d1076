import type { ItemFileInfo, LibraryModel } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { readChecksum } from "@carrel/node-stream/fs";
import type { OvaMember } from "@carrel/node-stream/ovf";
import type { KnownItem } from "./existing.ts";
import { pathIn } from "./parse-target.ts";
import type { Resolved } from "./resolve-name.ts";
import { isoTime, versionOf } from "../output/wire-values.ts";
import type { Version } from "../output/wire-values.ts";

/** A library, an item, a file or a file in an archive that is listed; as JSON it is written like this. */
export interface Entry {
  readonly type: "library" | "item" | "file" | "member";
  readonly library: string;
  readonly libraryId: string;
  /** `local` or `subscribed`; only of a library. */
  readonly libraryType?: string;
  readonly item?: string;
  readonly itemId?: string;
  readonly itemType?: string;
  readonly file?: string;
  /** A file in an archive. */
  readonly member?: string;
  /** The file that is the archive. */
  readonly archive?: string;
  /** As other commands take it. */
  readonly path: string;
  readonly description?: string;
  readonly createdAt?: string;
  readonly modifiedAt?: string;
  readonly version?: Version;
  readonly contentVersion?: Version;
  readonly itemCount?: number;
  readonly cached?: boolean;
  /** Bytes on the server's storage, or in the archive; absent where the content is not there, or was not asked for. */
  readonly sizeBytes?: number;
  /** Of a file in an archive, what a manifest there states. */
  readonly checksum?: { readonly algorithm: string; readonly hex: string };
  /** The manifest in the archive that states it. */
  readonly manifest?: string;
}

/** What was asked about the items of a library. */
export interface LibraryContent {
  readonly itemCount?: number;
  readonly sizeBytes?: number;
}

export function libraryEntry(
  model: LibraryModel & { readonly id: string },
  content: LibraryContent,
  address?: string,
): Entry {
  const { id, name = id } = model;
  return {
    type: "library",
    library: name,
    libraryId: id,
    ...defined({ libraryType: model.type?.toLowerCase() }),
    path: pathIn({ name, address }, []),
    ...commonOf(model),
    ...content,
  };
}

export function itemEntry(item: KnownItem, library: Resolved): Entry {
  const { id, name = id, cached } = item;
  const contentVersion = versionOf(item.content_version);
  return {
    type: "item",
    item: name,
    itemId: id,
    ...defined({ itemType: item.type || undefined }),
    library: library.name,
    libraryId: library.id,
    path: pathIn(library, [name]),
    ...commonOf(item),
    // The server reports a size of 0 for content that is not on its disk.
    ...defined({ contentVersion, cached, sizeBytes: cached === false ? undefined : item.size }),
  };
}

export function fileEntry({ name, version, cached, size, checksum_info: info }: ItemFileInfo, of: Place): Entry {
  const { item, library } = of;
  return {
    type: "file",
    file: name,
    item: item.name,
    itemId: item.id,
    library: library.name,
    libraryId: library.id,
    path: pathIn(library, [item.name, name]),
    version: versionOf(version),
    cached,
    ...defined({ sizeBytes: cached ? size : undefined, checksum: readChecksum(info) }),
  };
}

export function memberEntry({ name, sizeBytes, digest, manifest }: OvaMember, archive: string, of: Place): Entry {
  const { item, library } = of;
  return {
    type: "member",
    member: name,
    archive,
    item: item.name,
    itemId: item.id,
    library: library.name,
    libraryId: library.id,
    path: pathIn(library, [item.name, archive, name]),
    sizeBytes,
    ...defined({ checksum: digest, manifest }),
  };
}

/** An item, and the library that holds it. */
export interface Place {
  readonly item: Resolved;
  readonly library: Resolved;
}

type Common = Pick<Entry, "description" | "createdAt" | "modifiedAt" | "version">;

function commonOf(model: LibraryModel | KnownItem): Common {
  return defined({
    description: model.description?.trim() || undefined,
    createdAt: isoTime(model.creation_time),
    modifiedAt: isoTime(model.last_modified_time),
    version: versionOf(model.version),
  });
}
