import { notFoundError, usageError } from "../../process/cli-error.ts";
import { printable } from "../../output/printable.ts";
import type { ChosenFiles } from "./choose-files.ts";

/** One file of an item. */
export interface OnlyFile {
  readonly itemId: string;
  readonly fileName: string;
}

/**
 * The one file that can go to standard output.
 * @throws {@link CliError} there is none (exit code 4), or there are several (exit code 2).
 */
export function onlyFile(chosen: ChosenFiles): OnlyFile {
  const [first, ...others] = chosen;
  if (first === undefined || others.length > 0) throw several(`${chosen.size} items match`);
  const [{ id: itemId, name: itemName }, files] = first;
  const [file] = files;
  if (file === undefined) throw notFoundError(`Item "${printable(itemName)}" has no files`);
  if (files.length === 1) return { itemId, fileName: file.name };
  throw several(`${files.length} files match: ${files.map(({ name }) => printable(name)).join(", ")}`);
}

function several(why: string): Error {
  return usageError("Only one file can be written to standard output", why, "Name it: LIBRARY/ITEM/FILE");
}
