import { usageError } from "../process/cli-error.ts";
import { parsePath } from "./parse-target.ts";

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
  const { library, item } = parsePath(text);
  if (library !== undefined && item !== undefined) return { library, item };
  throw usageError(`--item does not name an item: "${text}"`, "Give LIBRARY/ITEM.");
}
