import type { Stats } from "node:fs";
import { nounFor } from "@carrel/node-stream/fs";
import { CliError } from "../process/cli-error.ts";
import { exitCodes } from "../process/exit-code.ts";
import { printable } from "../output/printable.ts";
import { lookAt } from "./local-files.ts";

/**
 * Whether the folder of an item is there.
 * @throws {@link CliError} something else is in its place; also a link, which could lead anywhere.
 */
export async function isItemFolder(path: string): Promise<boolean> {
  const stats = await lookAt(path);
  if (stats === undefined || stats.isDirectory()) return stats !== undefined;
  throw notItsFolder(path, stats);
}

/** Refuses to replace what is no file by a file of an item. */
export function notItsFile(path: string, stats: Stats): CliError {
  return refusal(`Cannot replace ${nounFor(stats)} with a file of the item: ${printable(path)}`, "Move or remove it.");
}

/** Refuses to replace somebody else's file by a file of an item. */
export function notMirrors(path: string): CliError {
  return refusal(
    `Cannot replace ${printable(path)}: mirror did not create it, and it differs from the file on the server`,
    "Move or remove it.",
  );
}

/** Refuses to keep what arrives anywhere but in the mirror. */
export function notIncoming(path: string, stats: Stats): CliError {
  if (stats.isDirectory()) {
    return refusal(
      `Cannot use ${printable(path)} for partial downloads: it belongs to another user, or others may write to it`,
      "Move or remove it.",
    );
  }
  return refusal(`Cannot use ${printable(path)} for partial downloads: it is ${nounFor(stats)}`, "Move or remove it.");
}

/** Refuses to delete what is behind a link. */
export function notThroughLink(path: string): CliError {
  return refusal(
    `Cannot delete ${printable(path)}, which no longer exists on the server: it is a symbolic link`,
    "Nothing was deleted. Remove the link; what it leads to is yours to keep or to delete.",
  );
}

function notItsFolder(path: string, stats: Stats): CliError {
  const message = `Cannot create directory ${printable(path)}: ${nounFor(stats)} of that name exists`;
  if (!stats.isSymbolicLink()) return refusal(message, "Move or remove it.");
  return refusal(
    `${message}, and links are not followed`,
    "Put the folder itself there, or remove the link. The folder of the whole mirror may be a link, or on another disk.",
  );
}

function refusal(message: string, hint: string): CliError {
  return new CliError(message, { exitCode: exitCodes.failed, hints: [hint] });
}
