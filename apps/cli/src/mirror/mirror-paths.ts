import { plainName } from "../names/plain-name.ts";
import type { LibraryItem } from "./library-items.ts";

/** Names of what a mirror keeps for itself in its folder. No item's folder begins with a dot. */
export const manifestName = ".carrel-mirror.json";
export const lockName = ".carrel-mirror.lock";
/** Items on their way: one folder for each content version, so that an interrupted run goes on there. */
export const incomingName = ".carrel-mirror.incoming";

/** Name of the folder in which a content version of an item arrives. */
export function incomingFolderFor({ id, contentVersion }: Pick<LibraryItem, "id" | "contentVersion">): string {
  return `${plainName(id)}@${plainName(contentVersion)}`;
}

/** How the name of a folder begins that waits for its own. */
export const parkingPrefix = ".carrel-mirror.moving-";

/** Where a folder waits while two items swap their names. */
export function parkingFor(id: string): string {
  return parkingPrefix + plainName(id);
}
