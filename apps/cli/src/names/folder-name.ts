import type { Resolved } from "./resolve-name.ts";

const safe = /^(?![. ])[^<>:"/\\|?*\p{C}]{1,200}(?<![. ])$/u;
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu;

/** A folder's name for an item: its own where every system takes it, else its id. */
export function folderNameOf(item: Resolved): string {
  if (safe.test(item.name) && !device.test(item.name)) return item.name;
  return item.id.replaceAll(/[^\w-]/gu, "_");
}
