import { CarrelError } from "@carrel/core";
import type { ItemFileInfo } from "@carrel/core";
import { readOvfDescriptor } from "@carrel/node-stream/ovf";
import { openConnection } from "../../connection/connect.ts";
import type { Connection } from "../../connection/connect.ts";
import { parsePath, pathOf } from "../../names/parse-target.ts";
import { resolveLibrary } from "../../names/resolve-name.ts";
import { CliError, exitCodeOf, exitCodes, usageError } from "../../process/cli-error.ts";
import type { ExitCode } from "../../process/cli-error.ts";
import { ItemFailures } from "../../run/item-failures.ts";
import type { Run } from "../../run/run-command.ts";
import type { InfoFlags } from "./command.ts";
import { deployProblems } from "./deploy-problems.ts";
import { describeItem, describeLibrary } from "./describe.ts";
import { descriptorIn, readDescriptor } from "./descriptor-file.ts";
import type { DescriptorFile } from "./descriptor-file.ts";
import { findItem } from "./find-item.ts";
import { itemInfo, libraryInfo } from "./item-info.ts";
import type { ItemInfo } from "./item-info.ts";

/** `carrel info`. */
export async function runInfo(texts: readonly string[], flags: InfoFlags, run: Run): Promise<ExitCode> {
  const paths = texts.map((text) => {
    const { library, item } = parsePath(text);
    if (library === undefined) throw usageError("No library given", "Give LIBRARY, or LIBRARY/ITEM.");
    return { library, item };
  });
  await using connection = await openConnection(flags, run);
  let exitCode: ExitCode = exitCodes.done;
  for (const [index, { library, item }] of paths.entries()) {
    if (index > 0 && !flags.json) run.screen.print("");
    const code =
      item === undefined
        ? await showLibrary(connection, library, flags, run)
        : await showItem(connection, { library, item }, flags, run);
    if (exitCode === exitCodes.done) exitCode = code;
  }
  return exitCode;
}

async function showLibrary({ client }: Connection, wanted: string, flags: InfoFlags, run: Run): Promise<ExitCode> {
  const { screen, signal } = run;
  const { id } = await resolveLibrary(client, wanted, signal);
  const [model, itemIds] = await Promise.all([
    client.library.get(id, { signal }),
    client.item.list({ library_id: id }, { signal }),
  ]);
  const info = libraryInfo({ ...model, id }, itemIds.length);
  if (flags.json) screen.printJson(info);
  else for (const line of describeLibrary(info)) screen.print(line);
  return exitCodes.done;
}

async function showItem(
  connection: Connection,
  path: { readonly library: string; readonly item: string },
  flags: InfoFlags,
  run: Run,
): Promise<ExitCode> {
  const { screen, signal } = run;
  const { item, library } = await findItem(connection.client, path, signal);
  const files = await connection.client.item.file.list(item.id, { signal });
  const known = itemInfo(item, library, files);
  const failures = new ItemFailures(screen, { json: flags.json ?? false });
  let info = known;
  let failure: unknown;
  try {
    if (flags.descriptor) info = await withDescriptor(known, files, connection, run);
  } catch (error) {
    signal.throwIfAborted();
    failure = error;
  }
  if (flags.json) screen.printJson(info);
  else for (const line of describeItem(info, (head) => screen.paint("bold", head))) screen.print(line);
  if (failure !== undefined) failures.add({ id: info.itemId, name: info.item, error: withAdvice(failure) });
  return failures.exitCode;
}

/** Adds what the descriptor says, where there is one at this vCenter. */
async function withDescriptor(
  info: ItemInfo,
  files: readonly ItemFileInfo[],
  connection: Connection,
  run: Run,
): Promise<ItemInfo> {
  const file = descriptorIn(files);
  if (file === undefined) {
    const isMissing = info.itemType?.toLowerCase() === "ovf";
    return isMissing ? { ...info, problems: [{ problem: "no-descriptor" }] } : info;
  }
  if (!file.cached) {
    const path = pathOf([info.library, info.item]);
    run.warn(`The descriptor "${file.name}" is not cached at this vCenter. To fetch it there: carrel sync "${path}"`);
    return info;
  }
  return describedBy(await readDescriptor(connection, info.itemId, file, run), info, files);
}

function describedBy(
  { name, bytes, verifiedBy }: DescriptorFile,
  info: ItemInfo,
  files: readonly ItemFileInfo[],
): ItemInfo {
  try {
    const descriptor = readOvfDescriptor(bytes);
    const isArchived = !files.some((file) => file.name === name);
    return {
      ...info,
      descriptor: { file: name, verifiedBy, ...descriptor },
      problems: deployProblems(descriptor, isArchived ? undefined : files),
    };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { ...info, problems: [{ problem: "unreadable-descriptor", file: name, reason: error.message }] };
  }
}

/** Gives an error of the transfer the advice that helps here: what is said about files that are kept would be untrue. */
function withAdvice(error: unknown): unknown {
  if (!(error instanceof CarrelError) || !aboutFiles.has(error.code)) return error;
  const hints = ["Run the same command again. Without the descriptor: --no-descriptor"];
  return new CliError(error.message, { exitCode: exitCodeOf(error.code), hints, cause: error });
}

const aboutFiles: ReadonlySet<string> = new Set(["INTEGRITY", "TRANSFER", "SESSION_LOST", "PREPARE_FAILED"]);
