import type { VerifiedBy } from "@carrel/core";
import { nameProblem } from "@carrel/node-stream/fs";
import { parkingPrefix } from "./mirror-paths.ts";
import type { MirroredFile, MirroredItem } from "./mirrored-item.ts";

/** What the manifest of a mirror says. */
export interface Manifest {
  readonly format: 1;
  readonly library: { readonly id: string; readonly name: string };
  readonly items: readonly MirroredItem[];
}

const verifiedBy: readonly unknown[] = ["checksum", "manifest", "length", "nothing"] satisfies VerifiedBy[];
const algorithms: readonly unknown[] = ["sha1", "md5", "sha256", "sha512"];

/**
 * Reads a manifest; `undefined` where the text is none. Its names lead nowhere but into the mirror, whoever wrote them:
 * files are deleted by them.
 */
export function parseManifest(text: string): Manifest | undefined {
  const value = asObject(parseJson(text));
  const library = asObject(value?.["library"]);
  if (value?.["format"] !== 1 || !isText(library?.["id"]) || !isText(library["name"])) return undefined;
  if (!isListOf(value["items"], isItem)) return undefined;
  return { format: 1, library: { id: library["id"], name: library["name"] }, items: value["items"] };
}

function isItem(value: unknown): value is MirroredItem {
  const item = asObject(value);
  if (!isText(item?.["id"]) || !isText(item["name"]) || !isFolderName(item["folder"])) return false;
  return (item["contentVersion"] === null || isText(item["contentVersion"])) && isListOf(item["files"], isFile);
}

function isFile(value: unknown): value is MirroredFile {
  const file = asObject(value);
  const digest = asObject(file?.["digest"]);
  return (
    isSafeName(file?.["name"]) &&
    Number.isSafeInteger(file?.["sizeBytes"]) &&
    verifiedBy.includes(file?.["verifiedBy"]) &&
    algorithms.includes(digest?.["algorithm"]) &&
    isText(digest?.["hex"]) &&
    ["boolean", "undefined"].includes(typeof file?.["gone"])
  );
}

/** Also of a folder that waits for its name: see `parkingFor`. */
function isFolderName(value: unknown): boolean {
  return isSafeName(isText(value) && value.startsWith(parkingPrefix) ? value.slice(parkingPrefix.length) : value);
}

function isSafeName(value: unknown): boolean {
  return isText(value) && nameProblem(value) === undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isListOf<T>(value: unknown, is: (element: unknown) => element is T): value is readonly T[] {
  return Array.isArray(value) && value.every(is);
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
