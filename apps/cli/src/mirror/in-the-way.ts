import type { Stats } from "node:fs";
import { nounFor } from "@carrel/node-stream/internal";
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
  return refusal(`There is ${nounFor(stats)} where a file of it belongs: ${printable(path)}`, "Move it away.");
}

/** Refuses to replace somebody else's file by a file of an item. */
export function notMirrors(path: string): CliError {
  return refusal(
    `There is a file ${printable(path)} that mirror did not put there, and it is not the one on the server.`,
    "Move it away.",
  );
}

/** Refuses to keep what arrives anywhere but in the mirror. */
export function notIncoming(path: string, stats: Stats): CliError {
  if (stats.isDirectory()) {
    return refusal(
      `The folder where mirror keeps what arrives belongs to another user, or others may write to it: ${printable(path)}`,
      "Move it away.",
    );
  }
  return refusal(`There is ${nounFor(stats)} where mirror keeps what arrives: ${printable(path)}`, "Move it away.");
}

/** Refuses to delete what is behind a link. */
export function notThroughLink(path: string): CliError {
  return refusal(
    `It is gone on the server, but there is a symbolic link where its folder was: ${printable(path)} Nothing was deleted.`,
    "Remove the link. What it leads to is yours to keep or to delete.",
  );
}

function notItsFolder(path: string, stats: Stats): CliError {
  const message = `There is ${nounFor(stats)} where its folder belongs: ${printable(path)}`;
  if (!stats.isSymbolicLink()) return refusal(message, "Move it away.");
  return refusal(
    `${message} Links are not followed.`,
    "Put the folder itself there, or remove the link. The folder of the whole mirror may be a link, or on another disk.",
  );
}

function refusal(message: string, hint: string): CliError {
  return new CliError(message, { exitCode: exitCodes.failed, hints: [hint] });
}
