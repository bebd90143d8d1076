import { readOvfDescriptor } from "@carrel/node-stream/ovf";
import type { ContentFile, ContentItem } from "./content.ts";

/** Why something in the place is not published. */
export interface LeftOut {
  /** Relative to the library. */
  readonly path: string;
  /** `not-in-item`: a file beside the directories of items. `nested`: a directory in one. `link`, `other`: no plain file. */
  readonly reason: "not-in-item" | "nested" | "link" | "hidden" | "other";
}

/** Names beside the directories of items that are the library's own. */
export const ownNames: ReadonlySet<string> = new Set(["lib.json", "items.json"]);
const maxNameLength = 80;

/** How the files of a directory become items. */
export interface GroupingOptions {
  readonly isoItems?: boolean;
  /** Reads whether an OVF descriptor is that of a vApp. */
  readonly isVapp: (descriptor: ContentFile) => Promise<boolean>;
}

/** Makes the files of a directory an item, or one of each ISO. */
export function itemsOf(
  name: string,
  files: readonly ContentFile[],
  { isoItems = false, isVapp }: GroupingOptions,
): readonly ContentItem[] {
  if (files.length === 0) return [];
  if (isoItems && files.every((file) => /\.iso$/iu.test(file.name))) {
    return files.map((file) => {
      const stem = file.name.replace(/\.iso$/iu, "");
      return { name: isoItemNameFor(file.name), directory: `${name}/${stem}`, files: [file] };
    });
  }
  const ovf = files.find((file) => /\.ovf$/iu.test(file.name));
  const item = { name: shorten(name), directory: name, files };
  return [ovf === undefined ? item : { ...item, isVapp: () => isVapp(ovf) }];
}

/** Returns the name of the item that is made of an ISO alone. */
export function isoItemNameFor(file: string): string {
  return shorten(file.replace(/\.iso$/iu, ""));
}

/** The longest beginning of a name that a library accepts; 80 UTF-16 code units are at most 80 characters by any count. */
function shorten(name: string): string {
  return name.length <= maxNameLength ? name : `${name.slice(0, maxNameLength - 1).replace(/[\uD800-\uDBFF]$/u, "")}…`;
}

/** Returns whether an OVF descriptor is that of a vApp; no where it cannot be parsed, which is the vCenter's to report. */
export function isVappDescriptor(bytes: Uint8Array): boolean {
  try {
    return readOvfDescriptor(bytes).isVapp;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
