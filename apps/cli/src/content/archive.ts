import { CarrelError, IntegrityError, TransferError } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import type { ItemRandomAccessOptions, RandomAccess } from "@carrel/node-stream";
import { noteText } from "@carrel/node-stream/fs";
import { openRandomAccessFrom } from "@carrel/node-stream/source";
import { listOva } from "@carrel/node-stream/ovf";
import type { OvaBytes, OvaListing, OvaMember } from "@carrel/node-stream/ovf";
import { remoteItem } from "../connection/item-server.ts";
import type { ItemServer } from "../connection/item-server.ts";
import { parsePattern, pathOf } from "../names/parse-target.ts";
import type { OnlyFile } from "../names/choose-files.ts";
import { formatBytes } from "../output/format.ts";
import { printable } from "../output/printable.ts";
import { CliError, exitCodeOf, exitCodes } from "../process/cli-error.ts";
import type { Run } from "../run/run-command.ts";

/** The most that is fetched of an archive to list it. */
const maxListingBytes = 8 * 1024 ** 2;
const readAheadBytes = 32_768;

/** How an archive is read. */
export type ArchiveSettings = Pick<
  ItemRandomAccessOptions,
  "maxBytesPerSecond" | "prepareTimeoutMs" | "stallTimeoutMs"
>;

/** An archive on the server, of which only what is read is fetched. Disposal ends its session. */
export interface Archive extends AsyncDisposable {
  readonly bytes: RandomAccess;
  readonly members: readonly OvaMember[];
}

/**
 * Opens an archive of an item and lists the files in it, by range requests. Warns about what is wrong with it. Costs a download
 * session, and a few dozen kilobytes for each file that is not close to the one before.
 *
 * @throws {@link CliError} exit code 1: it is not an archive, or the server does not honour ranges. 5: it changed meanwhile.
 */
export async function openArchive(
  server: ItemServer,
  file: OnlyFile,
  settings: ArchiveSettings,
  run: Run,
): Promise<Archive> {
  const { itemId, fileName, path, cached } = file;
  const { pool } = server;
  const { signal } = run;
  if (!cached) throw notCached(file);
  const { maxBytesPerSecond, prepareTimeoutMs, stallTimeoutMs } = settings;
  const options = { ...defined({ maxBytesPerSecond, prepareTimeoutMs, stallTimeoutMs }), readAheadBytes, pool, signal };
  let bytes: RandomAccess | undefined;
  const close = async (): Promise<void> => {
    if (bytes === undefined) return;
    const of = formatBytes(bytes.sizeBytes);
    run.trace(`"${fileName}": ${bytes.fetchedBytes} bytes fetched (${formatBytes(bytes.fetchedBytes)} of ${of})`);
    await bytes[Symbol.asyncDispose]();
  };
  try {
    bytes = await openRandomAccessFrom(remoteItem(server, itemId), fileName, options);
    const { members, notes } = await list(bytes, file);
    for (const note of notes) run.warn(noteText({ ...note, file: note.file ?? fileName }));
    return { bytes, members, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw signal.aborted ? error : withAdvice(error, path);
  }
}

async function list(bytes: RandomAccess, { fileName, path }: OnlyFile): Promise<OvaListing> {
  const limited: OvaBytes = {
    sizeBytes: bytes.sizeBytes,
    read: async (position, length) => {
      if (bytes.fetchedBytes + Math.max(length, readAheadBytes) > maxListingBytes) {
        throw failure(
          `Cannot list the files in "${fileName}": more than ${formatBytes(maxListingBytes)} of it would have to be fetched`,
          `Download it: carrel get "${printable(path)}"`,
        );
      }
      return await bytes.read(position, length);
    },
  };
  const listing = await listOva(limited);
  if (listing !== undefined) return listing;
  throw failure(`"${fileName}" is not an OVA archive`, `What is known of it: carrel info "${printable(path)}"`);
}

/** Gives an error the advice that helps here: what is said about files that are kept would be untrue. */
export function withAdvice(error: unknown, path: string): unknown {
  if (!(error instanceof CarrelError) || !aboutFiles.has(error.code)) return error;
  // What is wrong with the archive itself stays wrong.
  const isDamaged = error instanceof IntegrityError && error.problem === "archive";
  const again = error.retryable && !isDamaged ? ["Run the same command again."] : [];
  const isRefused = error instanceof TransferError && error.problem === "no-range";
  const hints = isRefused ? [`The whole file is needed: carrel get "${printable(path)}"`] : again;
  return new CliError(error.message, { exitCode: exitCodeOf(error.code), hints, cause: error });
}

const aboutFiles: ReadonlySet<string> = new Set(["INTEGRITY", "TRANSFER", "SESSION_LOST", "PREPARE_FAILED"]);

function notCached({ fileName, path }: OnlyFile): Error {
  const { library = "", item = "" } = parsePattern(path);
  const toSync = printable(pathOf([library, item]));
  return failure(`"${fileName}" is not cached at this vCenter`, `To have it fetched: carrel sync "${toSync}"`);
}

function failure(message: string, ...hints: readonly string[]): Error {
  return new CliError(message, { exitCode: exitCodes.failed, hints });
}
