import { posix, win32 } from "node:path";
import type { FleetMirror, FleetTarget } from "./fleet-document.ts";

/**
 * Returns the place of a mirror as a path whose parts can be compared: the kind of place, the directory or bucket, and what is
 * below it. Two spellings of one place have the same parts.
 */
export function placeParts(target: FleetTarget, { prefix = "" }: Pick<FleetMirror, "prefix">): readonly string[] {
  if ("s3" in target) {
    const { bucket = "", rest = "" } = /^s3:\/\/(?<bucket>[^/]+)(?<rest>.*)$/su.exec(target.s3)?.groups ?? {};
    const endpoint = target.endpoint === undefined ? "" : (URL.parse(target.endpoint)?.origin ?? "");
    return ["s3", endpoint, bucket, ...partsOf(rest), ...partsOf(prefix)];
  }
  const isWindows = /^(?:[A-Za-z]:|\\\\)/u.test(target.path);
  const below = prefix.normalize("NFC");
  if (!isWindows) return ["directory", ...partsOf(posix.normalize(target.path.normalize("NFC"))), ...partsOf(below)];
  // File systems of Windows do not tell letters apart by case.
  const path = win32.normalize(target.path.normalize("NFC")).replaceAll("\\", "/");
  return ["directory", ...[...partsOf(path), ...partsOf(below)].map((part) => part.toLowerCase())];
}

/** Whether a place is another one, or contains it. */
export function contains(outer: readonly string[], inner: readonly string[]): boolean {
  return outer.every((part, index) => inner[index] === part);
}

function partsOf(path: string): readonly string[] {
  return path.split("/").filter((part) => part !== "");
}
