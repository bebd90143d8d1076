import { createHash } from "node:crypto";
import { nameProblem } from "@carrel/node-stream/fs";

/** The names of what a mirror keeps for itself in its directory. No item's directory begins with a dot. */
export const recordName = ".carrel-mirror.json";
/** The directory of the records of items. */
export const recordsName = ".carrel-mirror.items";
export const lockName = ".carrel-mirror.lock";
/** Partial downloads: a directory for each content version of an item, so that a later run resumes there. */
export const incomingName = ".carrel-mirror.incoming";
/** What the name of a directory begins with that waits for its own. */
export const parkingPrefix = ".carrel-mirror.moving-";

/**
 * Returns the name of the directory that a mirror gives to an item: the item's own name where every system accepts it and
 * shows it, otherwise the item's id with an underscore in place of everything but letters, digits, `_` and `-`.
 *
 * @example
 * ```ts
 * import { directoryNameFor } from "@carrel/mirror";
 *
 * directoryNameFor({ id: "0d3a-1", name: "debian-13" }); // "debian-13"
 * directoryNameFor({ id: "0d3a-1", name: "../evil" }); // "0d3a-1"
 * ```
 */
export function directoryNameFor({ id, name }: { readonly id: string; readonly name: string }): string {
  if (nameProblem(name) === undefined && !name.startsWith(".")) return name;
  const plain = plainName(id);
  return nameProblem(plain) === undefined ? plain : `_${plain}`;
}

/** Names the directory into which a content version of an item is downloaded. */
export function incomingDirectoryFor(item: { readonly id: string; readonly contentVersion: string }): string {
  return `${plainName(item.id)}@${plainName(item.contentVersion)}`;
}

/**
 * Names the record of an item: by its id, with a digest of it unless every system takes the id for a name of its own, in lower
 * case and not too long.
 */
export function recordFor(id: string): `${string}.json` {
  if (/^[0-9a-z_-]{1,100}$/u.test(id) && nameProblem(id) === undefined) return `${id}.json`;
  return `${plainName(id).toLowerCase()}~${createHash("sha256").update(id).digest("hex").slice(0, 16)}.json`;
}

/** Names the place where a directory waits while two items swap their names. */
export function parkingFor(id: string): string {
  return parkingPrefix + plainName(id);
}

/** Returns a text as a part of a file name in which nothing means anything to any system. */
function plainName(text: string): string {
  return text.replaceAll(/[^\w-]/gu, "_").slice(0, 100);
}
