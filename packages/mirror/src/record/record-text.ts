import type { VerifiedBy } from "@carrel/core";
import { defined, isObject, parseJson } from "@carrel/core/kit";
import type { Digest } from "@carrel/node-stream";
import { nameProblem } from "@carrel/node-stream/fs";
import { parkingFor, parkingPrefix } from "../place/names.ts";

/** A file that the mirror put into an item's directory. */
export interface RecordedFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** How it was known to be whole. */
  readonly verifiedBy: VerifiedBy;
  readonly digest: Digest;
  /** The item no longer has it. It stays until a run that deletes. */
  readonly gone?: boolean;
  /** Since when it is gone, RFC 3339. */
  readonly goneSince?: string;
}

/**
 * A directory beside that of an item, in a mirror that is published: of an earlier version, which subscribers may still be
 * reading, or of one that is put there and was never published.
 */
export interface SpareDirectory {
  /** Id of the item that it was for. */
  readonly itemId: string;
  readonly directory: string;
  readonly files: readonly RecordedFile[];
  /** The content version that is put there; absent where it is of an earlier version. */
  readonly coming?: string;
  /** Since when nothing that is published leads there, RFC 3339; absent while something may. */
  readonly unlistedSince?: string;
}

/** An item that the mirror put into its directory. */
export interface RecordedItem {
  readonly id: string;
  readonly name: string;
  /** Name of its directory. */
  readonly directory: string;
  /** `null` while files are put in place: some of them may be of the version before. */
  readonly contentVersion: string | null;
  readonly files: readonly RecordedFile[];
  /** Since when the library no longer has it, RFC 3339; absent while it does. */
  readonly goneSince?: string;
  /** What only a mirror that is published needs to know. */
  readonly description?: string;
  /** When it was created on the server, RFC 3339. */
  readonly createdAt?: string;
  readonly spares?: readonly SpareDirectory[];
  /** Since when it is not published any more, RFC 3339; absent while it is, or never was. */
  readonly unlistedSince?: string;
}

/** A library: its id, and the name that people know it by. */
export interface LibraryName {
  readonly id: string;
  readonly name: string;
}

/** How the runs of a mirror ended, for monitoring. */
export interface RecordedRuns {
  /** When the last run ended, RFC 3339. */
  readonly endedAt: string;
  /** When a run last left everything in place; absent where none did. */
  readonly completeAt?: string;
  /** How many of the last runs in a row did not. */
  readonly failedRuns: number;
  /** How many items the last run left out of place. */
  readonly failedItems: number;
  /** Which, and in how many runs in a row. */
  readonly failing?: readonly FailingItem[];
}

/** An item that a run left out of place. */
export interface FailingItem {
  readonly id: string;
  readonly name: string;
  /** How many of the last runs in a row left it out of place. */
  readonly runs: number;
}

/** How a mirror is published. */
export interface RecordedPublication {
  /** The name that was asked for; absent where it has that of the library. */
  readonly name?: string;
  /** Whether each ISO is an item of its own. */
  readonly isoItems?: boolean;
}

/** What a mirror records of itself. */
export interface RecordHead {
  readonly library: LibraryName;
  /** Present where the mirror is published as a library that vCenters subscribe to. */
  readonly publish?: RecordedPublication;
  readonly runs?: RecordedRuns;
}

/** The text of a mirror's record. */
export interface HeadText extends RecordHead {
  /** 1 is the form of earlier versions, with all items in it. */
  readonly format: 1 | 2;
  readonly items?: readonly RecordedItem[];
}

/** The text of an item's record. */
export interface ItemText {
  readonly format: 1;
  readonly item: RecordedItem;
  /** Ids of items that it takes the place of, and whose records are to be deleted: a run may be killed before that. */
  readonly replaces?: readonly string[];
}

/** Returns whether what the mirror put there is of the content version that the item has now. */
export function isCurrent(
  before: RecordedItem,
  item: { readonly id: string; readonly contentVersion: string },
): boolean {
  return before.id === item.id && before.contentVersion === item.contentVersion;
}

/** The names that an item's directory may have: a run that was killed right after it renamed one could not record that. */
export function possibleDirectories({ id, directory }: RecordedItem): readonly string[] {
  return [directory, parkingFor(id)];
}

/** Sums up the bytes of files. */
export function sumOf(files: readonly { readonly sizeBytes: number }[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

const verifiedBy: readonly unknown[] = ["checksum", "manifest", "length", "nothing"] satisfies VerifiedBy[];
const algorithms: readonly unknown[] = ["sha1", "md5", "sha256", "sha512"];

/**
 * Parses the record of a mirror; `undefined` if the text is not one. A record may have been written by an attacker: its names
 * never lead out of the mirror, because files are deleted by them.
 */
export function parseHead(text: string): HeadText | undefined {
  const value = asObject(parseJson(text));
  const library = asObject(value?.["library"]);
  if (!isText(library?.["id"]) || !isText(library["name"])) return undefined;
  const head = {
    library: { id: library["id"], name: library["name"] },
    ...defined({ publish: publicationOf(value?.["publish"]), runs: runsOf(value?.["runs"]) }),
  };
  if (value?.["format"] === 2) return { format: 2, ...head };
  if (value?.["format"] !== 1 || !isListOf(value["items"], isItem)) return undefined;
  return { format: 1, ...head, items: value["items"] };
}

/** Parses the record of an item, with the same care. */
export function parseItemText(text: string): ItemText | undefined {
  const value = asObject(parseJson(text));
  const { format, item, replaces = [] } = value ?? {};
  if (format !== 1 || !isItem(item) || !isListOf(replaces, isText)) return undefined;
  return { format, item, ...(replaces.length > 0 && { replaces }) };
}

/** A mirror that was published stays so, whatever else is said of it. */
function publicationOf(value: unknown): RecordedPublication | undefined {
  const publication = asObject(value);
  const name = publication?.["name"];
  const isoItems = publication?.["isoItems"] === true || undefined;
  return publication && defined({ name: isText(name) ? name : undefined, isoItems });
}

/** What cannot be read here is left out: nothing is deleted by it. */
function runsOf(value: unknown): RecordedRuns | undefined {
  const { endedAt, completeAt, failedRuns, failedItems, failing } = asObject(value) ?? {};
  if (!isTime(endedAt) || !isCount(failedRuns) || !isCount(failedItems)) return undefined;
  return {
    endedAt,
    ...defined({ completeAt: isTime(completeAt) ? completeAt : undefined }),
    failedRuns,
    failedItems,
    ...defined({ failing: isListOf(failing, isFailing) ? failing : undefined }),
  };
}

function isFailing(value: unknown): value is FailingItem {
  const item = asObject(value);
  return isText(item?.["id"]) && isText(item["name"]) && isCount(item["runs"]);
}

function isTime(value: unknown): value is string {
  return isText(value) && !Number.isNaN(Date.parse(value));
}

function isTimeOrAbsent(value: unknown): boolean {
  return value === undefined || isTime(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isItem(value: unknown): value is RecordedItem {
  const item = asObject(value);
  if (!isText(item?.["id"]) || !isText(item["name"]) || !isDirectoryName(item["directory"])) return false;
  if (!isTimeOrAbsent(item["goneSince"]) || !isTimeOrAbsent(item["unlistedSince"])) return false;
  if (!isTextOrAbsent(item["description"]) || !isTimeOrAbsent(item["createdAt"])) return false;
  if (item["spares"] !== undefined && !isListOf(item["spares"], isSpare)) return false;
  return (item["contentVersion"] === null || isText(item["contentVersion"])) && isListOf(item["files"], isFile);
}

function isSpare(value: unknown): value is SpareDirectory {
  const spare = asObject(value);
  return (
    isText(spare?.["itemId"]) &&
    isDirectoryName(spare["directory"]) &&
    isTextOrAbsent(spare["coming"]) &&
    isTimeOrAbsent(spare["unlistedSince"]) &&
    isListOf(spare["files"], isFile)
  );
}

function isFile(value: unknown): value is RecordedFile {
  const file = asObject(value);
  const digest = asObject(file?.["digest"]);
  return (
    isSafeName(file?.["name"]) &&
    Number.isSafeInteger(file?.["sizeBytes"]) &&
    verifiedBy.includes(file?.["verifiedBy"]) &&
    algorithms.includes(digest?.["algorithm"]) &&
    isText(digest?.["hex"]) &&
    ["boolean", "undefined"].includes(typeof file?.["gone"]) &&
    isTimeOrAbsent(file?.["goneSince"])
  );
}

/** Also of a directory that waits for its name: see `parkingFor`. */
function isDirectoryName(value: unknown): boolean {
  return isSafeName(isText(value) && value.startsWith(parkingPrefix) ? value.slice(parkingPrefix.length) : value);
}

function isSafeName(value: unknown): boolean {
  return isText(value) && nameProblem(value) === undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || isText(value);
}

function isListOf<T>(value: unknown, is: (element: unknown) => element is T): value is readonly T[] {
  return Array.isArray(value) && value.every(is);
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isObject(value) ? value : undefined;
}
