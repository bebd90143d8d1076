import { nameProblem } from "@carrel/node-stream/internal";
import type { LibraryItem } from "./library-items.ts";

/** Names of what a mirror keeps for itself in its folder. No item's folder begins with a dot. */
export const manifestName = ".carrel-mirror.json";
export const lockName = ".carrel-mirror.lock";
/** Items on their way: one folder for each content version, so that an interrupted run goes on there. */
export const incomingName = ".carrel-mirror.incoming";

/** Name of an item's folder: its own where every system takes it, else its id. */
export function folderNameFor({ id, name }: Pick<LibraryItem, "id" | "name">): string {
  return nameProblem(name) === undefined && !name.startsWith(".") ? name : plain(id);
}

/** Name of the folder in which a content version of an item arrives. */
export function incomingFolderFor({ id, contentVersion }: Pick<LibraryItem, "id" | "contentVersion">): string {
  return `${plain(id)}@${plain(contentVersion)}`;
}

/** Where a folder waits while two items swap their names. */
export function parkingFor(id: string): string {
  return `.carrel-mirror.moving-${plain(id)}`;
}

function plain(text: string): string {
  return text.replaceAll(/[^\w-]/gu, "_").slice(0, 100);
}
