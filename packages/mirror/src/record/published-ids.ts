import { createHash } from "node:crypto";
import { isoItemNameFor, isUuid } from "@carrel/vcsp";

/** Returns the id that subscribers know an item by: its own or, where that is not a UUID, one that is made of it. */
export function publishedIdFor(id: string): string {
  if (isUuid(id)) return id.toLowerCase();
  const hex = createHash("sha256").update(id).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** An ISO that is published as an item of its own. */
export interface IsoItem {
  readonly id: string;
  readonly name: string;
  /** Where its `item.json` is: no file of an item of ISOs has such a name. */
  readonly directory: string;
}

/**
 * Returns what an ISO of an item is published as: by the id of the item and the name of the file, so that it stays the same item
 * in each content version.
 */
export function isoItemFor(itemId: string, directory: string, file: string): IsoItem {
  const id = publishedIdFor(`${publishedIdFor(itemId)}/${file}`);
  return { id, name: isoItemNameFor(file), directory: `${directory}/${id}` };
}

/** Whether files are ISOs, and nothing else. */
export function areIsos(files: readonly { readonly name: string }[]): boolean {
  return files.length > 0 && files.every(({ name }) => /\.iso$/iu.test(name));
}
