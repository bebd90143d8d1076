import { dirname, join, resolve } from "node:path";

/** Whether a place for files is an object store, and not a directory. */
export function isStore(place: string): boolean {
  return /^s3:\/\//iu.test(place);
}

/** Returns the path of something in a place: a directory, or an address such as `s3://images/lab`. */
export function joinPlace(place: string, ...names: readonly string[]): string {
  return isStore(place) ? [place.replace(/\/+$/u, ""), ...names].join("/") : join(place, ...names);
}

/** Returns the absolute path of a place; an address stays as it is. */
export function resolvePlace(place: string): string {
  return isStore(place) ? place.replace(/\/+$/u, "") : resolve(place);
}

/** Returns what a place is in. */
export function parentPlace(place: string): string {
  return isStore(place) ? place.slice(0, place.lastIndexOf("/")) : dirname(place);
}
