import { defined } from "@carrel/core/kit";
import { usageError } from "../process/cli-error.ts";

/** Names, ids or globs of a library, an item and files; all where one is absent. */
export interface PathPattern {
  readonly library?: string;
  readonly item?: string;
  readonly file?: string;
  /** A file in the archive that `file` means. */
  readonly member?: string;
}

/** A path that names a library, or several. */
export type LibraryPattern = PathPattern & { readonly library: string };

/** A path that names items, or files of them. */
export type ItemPattern = LibraryPattern & { readonly item: string };

/** How a path is read. */
export interface ParseOptions {
  /** Takes a fourth part where the third is the name of an archive, or a glob for such names: a file in it. */
  readonly members?: boolean;
}

/**
 * Reads `LIBRARY/ITEM/FILE`, or less of it: the grammar of every command. Splits at slashes; one at the beginning and one at the
 * end are ignored. `\/` is a slash within a name, and `\\` before a slash is a backslash, so that a name can end in one;
 * elsewhere a backslash stands for itself.
 * @throws {@link CliError} exit code 2: it has more parts, or an empty one.
 */
export function parsePattern(text: string, { members = false }: ParseOptions = {}): PathPattern {
  if (text === "" || text === "/") return {};
  if (/^(?:https?|s3):\/\//iu.test(text)) {
    throw usageError(
      "A published library can only be read",
      "carrel ls, du, find, info, get, cat, diff and mirror read https://HOST/PATH/lib.json, and s3://BUCKET/PREFIX.",
    );
  }
  const parts = split(text);
  const [library, item, file, member] = parts;
  const isInArchive = parts.length > 3 && isArchiveName(file ?? "");
  if (parts.includes("") || parts.length > (isInArchive && members ? 4 : 3)) {
    throw usageError(
      `"${text}" is not a path`,
      "Write LIBRARY, LIBRARY/ITEM, or LIBRARY/ITEM/FILE: Images/ubuntu-26.04/*.vmdk",
      ...(isInArchive ? ["Only ls and cat take a file in an archive: carrel cat LIBRARY/ITEM/x.ova/x.ovf"] : []),
      String.raw`Names or ids. A slash within a name is written \/, and a backslash at the end of one \\.`,
    );
  }
  return defined({ library, item, file, member });
}

/** Whether a file of that name, or the files that a glob means, are archives whose own files have paths. */
export function isArchiveName(name: string): boolean {
  return /\.ova$/iu.test(name);
}

/**
 * Reads a path that names a library at least.
 * @throws {@link CliError} exit code 2: it does not.
 */
export function parseLibraryPattern(text: string): LibraryPattern {
  const { library, ...below } = parsePattern(text);
  if (library !== undefined) return { library, ...below };
  throw usageError("No library given", "Write LIBRARY, or LIBRARY/ITEM.");
}

/** Whether a path names items, or files of them. */
export function isItemPattern(pattern: PathPattern): pattern is ItemPattern {
  return pattern.item !== undefined;
}

function split(text: string): readonly string[] {
  const parts: string[] = [];
  let part = "";
  for (const [, plain = "", backslashes = "", slash] of text.replace(/^\//u, "").matchAll(/([^\\/]*)(\\*)(\/?)/gu)) {
    part += plain + (slash ? "\\".repeat(backslashes.length / 2) : backslashes);
    if (!slash) continue;
    if (backslashes.length % 2 === 1) {
      part += "/";
    } else {
      parts.push(part);
      part = "";
    }
  }
  return parts.length > 0 && part === "" ? parts : [...parts, part];
}

/** Joins names so that they are split at the same places: what a command prints, and another one takes. */
export function pathOf(names: readonly string[]): string {
  const escaped = names.map((name) => name.replaceAll(/(\\*)\//gu, String.raw`$1$1\/`));
  const last = escaped.pop() ?? "";
  // At the end of a name that a slash follows, backslashes would escape it.
  return [...escaped.map((name) => name.replace(/\\+$/u, "$&$&")), last].join("/");
}

/** Writes the path of what is in a library, or of the library itself. */
export function pathIn(
  { name, address }: { readonly name: string; readonly address?: string | undefined },
  names: readonly string[],
): string {
  if (address === undefined) return pathOf([name, ...names]);
  return names.length === 0 ? address : `${address}/${pathOf(names)}`;
}

/** A library and an item of it, each by name or id. */
export interface ItemPath {
  readonly library: string;
  readonly item: string;
}

/**
 * Reads the `LIBRARY/ITEM` of `--item`.
 * @throws {@link CliError} exit code 2: it is malformed.
 */
export function parseItemPath(text: string): ItemPath {
  const { library, item, file } = parsePattern(text);
  if (library !== undefined && item !== undefined && file === undefined) return { library, item };
  throw usageError(`--item does not name an item: "${text}"`, "Give LIBRARY/ITEM.");
}

/** Whether a text has a character with a meaning in globs. */
export function isGlob(text: string): boolean {
  return /[*?[\]{}]/u.test(text);
}
