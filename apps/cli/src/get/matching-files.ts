import { posix } from "node:path";
import type { CarrelClient, ItemFileInfo } from "@carrel/core";
import { notFoundError } from "../cli-error.ts";
import { nearestNames } from "../names/nearest.ts";
import { printable } from "../output/printable.ts";
import type { SelectedItem } from "./select-items.ts";

/**
 * The files of an item that are wanted, without a session. Costs one call.
 * @throws {@link CliError} exit code 4: there is none.
 */
export async function matchingFiles(
  client: CarrelClient,
  item: SelectedItem,
  signal: AbortSignal,
): Promise<readonly ItemFileInfo[]> {
  const all = await client.item.file.list(item.id, { signal });
  const glob = item.fileGlob;
  const files = all.filter(({ name }) => glob === undefined || name === glob || posix.matchesGlob(name, glob));
  if (files.length > 0) return files;
  const names = all.map(({ name }) => name);
  if (glob === undefined) throw notFoundError(`Item "${item.name}" has no files.`);
  const nearest = nearestNames(glob, names).map((name) => `"${printable(name)}"`);
  throw notFoundError(
    `Item "${item.name}" has no file that matches "${glob}".`,
    ...(nearest.length > 0 ? [`Did you mean ${nearest.join(" or ")}?`] : []),
    `It has: ${names.map(printable).join(", ") || "no files"}`,
  );
}
