import type { LibraryType, StorageBacking, SubscriptionInfo } from "@carrel/core";
import type { Content } from "../content/content.ts";
import type { StatedFacts } from "./seed.ts";

/** A library as the simulator holds it. */
export interface Library {
  readonly id: string;
  name: string;
  description: string;
  readonly type: LibraryType;
  readonly onDemand: boolean;
  readonly creationTime: Date;
  lastModifiedTime: Date;
  version: number;
  readonly storageBackings: readonly StorageBacking[];
  readonly subscriptionInfo: SubscriptionInfo | undefined;
  readonly itemIds: Set<string>;
}

/** A library item as the simulator holds it. */
export interface Item {
  readonly id: string;
  readonly libraryId: string;
  readonly name: string;
  readonly description: string;
  readonly type: string;
  readonly creationTime: Date;
  lastModifiedTime: Date;
  lastSyncTime: Date | undefined;
  /** Grows with the files. */
  contentVersion: number;
  metadataVersion: number;
  version: number;
  /** By the simulator's clock; undefined: not on disk, nor on its way. */
  cachedAt: number | undefined;
  readonly sourceId: string | undefined;
  /** By name, in the order in which they were added. */
  readonly files: Map<string, ItemFile>;
  /** The last version of each file name, so that a file that comes back is not taken for the one that went. */
  readonly fileVersions: Map<string, number>;
}

/** A file of an item as the simulator holds it. Replaced, never changed. */
export interface ItemFile {
  readonly name: string;
  readonly content: Content;
  /** Grows with each new copy of the file. */
  readonly version: number;
  readonly states: StatedFacts;
}
