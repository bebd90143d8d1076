import type { CarrelClient, DownloadEvent, PackageNote, VerifiedBy } from "@carrel/core";
import { checkNumber, checkOneOf } from "@carrel/core/kit";
import { startTask } from "@carrel/core/transfer";
import type { Task } from "@carrel/core/transfer";
import { openInDirectory } from "./directory.ts";
import type { ExistingFiles, OpenTarget } from "./directory.ts";
import { checkFileOptions } from "./file-options.ts";
import type { FileStreamOptions } from "./file-options.ts";
import { ItemDownload } from "./item-download.ts";

/** Options of {@link downloadItem}. */
export interface DownloadItemOptions extends Omit<
  FileStreamOptions,
  "startByte" | "endByte" | "expect" | "digests" | "onVerified"
> {
  /**
   * The files to download, by their names.
   * @defaultValue all files of the item
   */
  readonly files?: readonly string[];
  /**
   * What to do about a file that exists in the directory: fail, or replace it when the new one is verified.
   * @defaultValue "error"
   */
  readonly existing?: ExistingFiles;
  /**
   * Time between two `transferring` events of a file, in milliseconds.
   * @defaultValue 100
   */
  readonly progressIntervalMs?: number;
}

/** The outcome for one file. */
export interface FileReport {
  readonly name: string;
  readonly sizeBytes: number;
  /** How the file is known to be whole; `nothing` means that it is not known. */
  readonly verifiedBy: VerifiedBy;
  /** Bytes that were received over the network. */
  readonly receivedBytes: number;
  /** Why a manifest that should have verified the file did not; absent where nothing is in doubt. */
  readonly doubts?: readonly PackageNote[];
}

/** The outcome of a download that succeeded. */
export interface DownloadReport {
  readonly itemId: string;
  readonly contentVersion: string;
  /** One for each file, in the server's order. */
  readonly files: readonly FileReport[];
  readonly receivedBytes: number;
  readonly durationMs: number;
}

/**
 * A running download, from {@link downloadItem}. Iterate it for progress, or await `report`, or both. Nothing has to be consumed,
 * and a failure that is not handled is not an unhandled rejection. Closing it, or leaving the loop early, aborts the download
 * and waits until its session has ended.
 */
export type DownloadTask = Task<DownloadEvent, DownloadReport>;

/**
 * Downloads the files of an item, one after the other, to a directory of the File System Access API, or to writable streams.
 * A file gets its name, and a stream is closed, only when all bytes are verified; otherwise the stream is aborted. Where a file
 * fails, the others are downloaded nevertheless, and then the download fails with the first error.
 *
 * The events are those of `@carrel/core`, which `foldDownloadEvent` makes a state of, and `downloadStore` of `@carrel/rx` a store.
 *
 * In a directory an empty file has the name while its bytes arrive, because the API creates it; it is removed where the download
 * fails, but not where the page is closed meanwhile.
 *
 * Cost on the wire: that of a lease; two requests to list the files; each OVF manifest once; for each file that of `lease.prepare`
 * and {@link openTransfer}, and one request after it.
 *
 * `report`, and the iteration, fail with what {@link openItemFile} throws and its stream fails with, and with
 * - `TransferError` `TRANSFER`: a name is not safe (`name`), a file exists (`exists`), or the item has no such file (`no-match`).
 * - what opening, writing to or closing a target throws.
 *
 * @throws RangeError or TypeError: an option is out of range, or options contradict each other.
 *
 * @example
 * ```ts
 * import type { CarrelClient, DownloadState } from "@carrel/core";
 * import { foldDownloadEvent, initialDownloadState } from "@carrel/core";
 * import { downloadItem } from "@carrel/web-stream";
 *
 * async function download(
 *   client: CarrelClient,
 *   itemId: string,
 *   directory: FileSystemDirectoryHandle, // from showDirectoryPicker(), or navigator.storage.getDirectory()
 *   show: (state: DownloadState) => void,
 * ): Promise<void> {
 *   let state = initialDownloadState;
 *   for await (const event of downloadItem(client, itemId, directory)) show((state = foldDownloadEvent(state, event, performance.now())));
 * }
 * ```
 */
export function downloadItem(
  client: CarrelClient,
  itemId: string,
  target: FileSystemDirectoryHandle | OpenTarget,
  options: DownloadItemOptions = {},
): DownloadTask {
  const { existing = "error", progressIntervalMs = 100 } = options;
  checkFileOptions(options);
  checkOneOf("existing", existing, ["error", "overwrite"]);
  checkNumber("progressIntervalMs", progressIntervalMs, { from: 0, to: Infinity });
  const open = typeof target === "function" ? target : openInDirectory(target, existing);
  return startTask<DownloadEvent, DownloadReport>({
    noun: "download",
    signal: options.signal,
    run: (emit, signal) => new ItemDownload({ client, itemId, open, options, emit, signal }).run(),
    supersedes,
  });
}

/** Returns whether an event is newer progress of the same session or file. */
function supersedes(event: DownloadEvent, queued: DownloadEvent): boolean {
  if (event.type !== queued.type) return false;
  if (event.type === "session") return true;
  return (event.type === "transferring" || event.type === "preparing") && event.file === (queued as typeof event).file;
}
