import { isStore, joinPlace } from "../output/place-path.ts";
import { usageError } from "../process/cli-error.ts";
import { parsePattern } from "./parse-target.ts";
import type { LibraryPattern, ParseOptions, PathPattern } from "./parse-target.ts";

/** Paths in one published library. */
export interface PublishedTargets {
  /** Address of its `lib.json`: of a web server, or of an object store. */
  readonly address: string;
  /** What is meant there; what stands for the library is the same in all of them. */
  readonly patterns: readonly LibraryPattern[];
}

/** Takes the place of the library in patterns before its id is known. No library at a vCenter is looked for by it. */
const placeholder = "published";
const how = "Write https://HOST/PATH/lib.json, and then /ITEM or /ITEM/FILE.";

/** Whether a path is in a library that a web server or an object store publishes. */
export function isLibraryUrl(text: string): boolean {
  return /^(?:https?|s3):\/\//iu.test(text);
}

/**
 * Reads paths in a published library: `https://HOST/PATH/lib.json/ITEM/FILE`, or less of it. The address ends with the first part
 * that ends in `.json`; what follows is read as in every path. Of an object store, a prefix without one is that of the library itself.
 * @returns undefined where all paths are in libraries of a vCenter.
 * @throws {@link CliError} exit code 2: they are in several libraries, or the address is not one of a library.
 */
export function readPublishedTargets(
  paths: readonly string[],
  options: ParseOptions = {},
): PublishedTargets | undefined {
  if (!paths.some(isLibraryUrl)) return undefined;
  const split = paths.map(splitPath);
  const [first] = split;
  const other = split.find(({ address }) => address !== first?.address);
  if (first === undefined || other !== undefined) {
    throw usageError(
      "Cannot read from several published libraries at once",
      `Run it for each: ${first?.address ?? ""} and ${other?.address ?? ""}`,
    );
  }
  const patterns = split.map(({ below }) => ({
    ...parsePattern(`${placeholder}/${below}`, options),
    library: placeholder,
  }));
  return { address: first.address, patterns };
}

/** @throws {@link CliError} exit code 2: content is to be fetched that a published library has anyway. */
export function refuseSync({ sync, syncTimeout }: { readonly sync?: boolean; readonly syncTimeout?: string }): void {
  if (sync !== true && syncTimeout === undefined) return;
  throw usageError("--sync is for a vCenter: a published library has all of its content");
}

/**
 * Reads the address of a published library alone.
 * @returns undefined where the text is not an address.
 * @throws {@link CliError} exit code 2: it is not one of a library, or names an item.
 */
export function readPublishedLibrary(text: string): PublishedTargets | undefined {
  const published = readPublishedTargets([text]);
  if (published?.patterns.some(({ item }) => item !== undefined)) {
    throw usageError(`"${text}" is not a library`, "The address of a published library is https://HOST/PATH/lib.json.");
  }
  return published;
}

/** The patterns, once the library is known. */
export function inLibrary<T extends PathPattern>(patterns: readonly T[], id: string): readonly T[] {
  return patterns.map((pattern) => ({ ...pattern, library: id }));
}

interface SplitPath {
  readonly address: string;
  readonly below: string;
}

function splitPath(text: string): SplitPath {
  if (!isLibraryUrl(text)) {
    throw usageError("Cannot read from a published library and from a vCenter at once", "Run it for each of them.");
  }
  if (isStore(text)) return splitStorePath(text);
  const [, address = "", below = ""] = /^(https?:\/\/[^/]+(?:\/[^/]+)*?\/[^/]*\.json)(?:\/(.*))?$/isu.exec(text) ?? [];
  const url = URL.parse(address);
  // Not repeated: there may be a password in it.
  if (url === null) throw usageError("The address of a published library does not end in .json", how);
  if (url.username !== "" || url.password !== "") {
    throw usageError(
      "Cannot take a password from the command line: other users of this machine can see it",
      "Set CARREL_SUBSCRIPTION_PASSWORD or CARREL_SUBSCRIPTION_PASSWORD_FILE in the environment.",
    );
  }
  if (url.search !== "" || url.hash !== "") {
    throw usageError("The address of a published library has a query or a fragment, which no library has", how);
  }
  return { address: url.href, below };
}

/** The names of objects are not decoded, so no address of theirs has a query. */
function splitStorePath(text: string): SplitPath {
  const [, address, below = ""] = /^(s3:\/\/[^/]+(?:\/[^/]+)*?\/[^/]*\.json)(?:\/(.*))?$/isu.exec(text) ?? [];
  return address === undefined ? { address: joinPlace(text, "lib.json"), below: "" } : { address, below };
}
