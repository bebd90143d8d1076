import type { CarrelClient, DownloadEvent } from "@carrel/core";
import { checkNumber, checkOneOf, longestMs } from "@carrel/core/kit";
import type { DownloadItemOptions } from "./download-item-options.ts";
import type { DownloadReport, DownloadTask } from "./report.ts";
import { runDownload } from "./item-download.ts";
import type { RemoteItem } from "./remote-item.ts";
import { checkRequired, startTask } from "@carrel/core/transfer";
import { DiskSink } from "../sink/disk-sink.ts";
import type { Sink } from "../sink/sink.ts";
import { VcenterItem } from "./vcenter-item.ts";

/**
 * Downloads the files of a library item into a directory, or to another {@link Sink}: opens a download session, has each file prepared just in time,
 * transfers several at once, verifies each, and only then gives it its final name. Starts at once. The session is deleted at
 * the end, whatever happened.
 *
 * While a run downloads a file into a directory, the bytes are in `NAME.TOKEN.part`, which no other run ever writes to. A run that ends early
 * closes that file and renames it to `NAME.part`; `NAME.part.json` states what it is, and `NAME.part.lock` keeps other
 * processes away. A later run resumes there: see {@link DownloadItemOptions.existing}. What a killed process left is copied
 * first, because that process might still have it open: that takes its size again on the disk, and if there is no room the
 * file starts over. If the holder of a lock shows no sign of life, it is watched for 20 seconds, and a `waiting` event says so.
 *
 * Cost on the wire: three requests for the session and two for the lists of files; for each file one to prepare it (and more
 * while it is not ready), one transfer, and one to ask for its checksum, or up to five if that is late; one keep-alive for each
 * third of the session's granted time.
 *
 * An interruption is overcome (see {@link DownloadItemOptions.resumeLimit} and {@link DownloadItemOptions.retryForMs}), and
 * bytes that arrived damaged are fetched again (see {@link DownloadItemOptions.damagedRetries}).
 *
 * A failure that concerns one file does not stop the others: they are downloaded, and then the task rejects with a
 * {@link PartialDownloadError}, which lists the files that arrived and those that did not, and is an `instanceof` the class of
 * the most serious failure. A failure that concerns all files (the login, the session, the disk, an abort) stops them at once.
 *
 * The task rejects with a `ServerError` (`NOT_FOUND`: the item does not exist; `AUTH`), a `PrepareError` (`PREPARE_FAILED`), a
 * `TransferError` (`TRANSFER`: the bytes could not be fetched or written, a different file exists, or a name from the server
 * is not safe), an `IntegrityError` (`INTEGRITY`: the bytes are wrong; nothing has the final name), a `CertificateError`
 * (`CERTIFICATE`), or with `signal.reason`, unwrapped.
 *
 * @param target - The directory, which is created where it does not exist; or a sink, whose location then stands in the report
 * where that of the directory would.
 * @throws TypeError if an option has the wrong type.
 * @throws RangeError if an option is out of range.
 *
 * @example
 * ```ts
 * import type { CarrelClient, DownloadEvent } from "@carrel/core";
 * import { downloadItem } from "@carrel/node-stream";
 *
 * async function save(client: CarrelClient, itemId: string): Promise<void> {
 *   await using task = downloadItem(client, itemId, "./out", { exclude: ["*.nvram"] });
 *   for await (const event of task) {
 *     if (event.type === "finished") process.stdout.write(`${event.file}: verified by ${event.verifiedBy}\n`);
 *   }
 *   const { files } = await task.report;
 *   process.stdout.write(`${files.length} files\n`);
 * }
 * ```
 */
export function downloadItem(
  client: CarrelClient,
  itemId: string,
  target: string | URL | Sink,
  options: DownloadItemOptions = {},
): DownloadTask {
  return downloadFrom(new VcenterItem(client, itemId), target, options);
}

/**
 * Downloads an item, wherever it is, as {@link downloadItem} does.
 *
 * @private Does not follow semantic versioning.
 */
export function downloadFrom(
  from: RemoteItem,
  target: string | URL | Sink,
  options: DownloadItemOptions = {},
): DownloadTask {
  checkDownloadOptions(options);
  const sink = typeof target === "string" || target instanceof URL ? new DiskSink(target) : target;
  return startTask<DownloadEvent, DownloadReport>({
    noun: "download",
    signal: options.signal,
    run: async (emit, signal) => {
      const report = await runDownload({ from, sink, options, emit, signal });
      const { files, receivedBytes, durationMs } = report;
      emit({ type: "done", files: files.length, receivedBytes, durationMs });
      return report;
    },
    supersedes,
  });
}

/**
 * Returns whether an event is newer progress of the same session or file.
 *
 * @private Does not follow semantic versioning.
 */
export function supersedes(event: DownloadEvent, queued: DownloadEvent): boolean {
  if (event.type !== queued.type) return false;
  if (event.type === "session" || event.type === "retrying") return true;
  return (event.type === "transferring" || event.type === "preparing") && event.file === (queued as typeof event).file;
}

/**
 * Checks the options of a download that are numbers.
 *
 * @private Does not follow semantic versioning.
 * @throws TypeError, RangeError where one makes no sense.
 */
export function checkDownloadOptions(options: DownloadItemOptions): void {
  const {
    concurrency = 1,
    connectionsPerFile = 1,
    syncTimeoutMs = 1,
    prepareTimeoutMs = 1,
    stallTimeoutMs = 1,
    factsTimeoutMs = 0,
    resumeLimit = 1,
    retryForMs = 0,
    damagedRetries = 0,
    progressIntervalMs = 0,
    existing = "resume",
    manifest = "check",
    source = "session",
  } = options;
  if (typeof concurrency === "number") checkNumber("concurrency", concurrency, { from: 1, whole: true });
  checkNumber("connectionsPerFile", connectionsPerFile, { from: 1, whole: true });
  checkNumber("syncTimeoutMs", syncTimeoutMs, { from: 1, to: longestMs, whole: true });
  checkNumber("prepareTimeoutMs", prepareTimeoutMs, { from: 1, to: longestMs, whole: true });
  checkNumber("stallTimeoutMs", stallTimeoutMs, { from: 1, to: longestMs, whole: true });
  checkNumber("factsTimeoutMs", factsTimeoutMs, { from: 0, to: longestMs, whole: true });
  checkNumber("resumeLimit", resumeLimit, { from: 0, whole: true });
  checkNumber("retryForMs", retryForMs, { from: 0, to: Infinity });
  checkNumber("damagedRetries", damagedRetries, { from: 0, whole: true });
  checkNumber("progressIntervalMs", progressIntervalMs, { from: 0, to: Infinity });
  checkOneOf("existing", existing, ["resume", "error", "overwrite", "skip"]);
  if (existing === "skip" && (options.requireVerified ?? false) !== false) {
    throw new TypeError('existing "skip" leaves files unverified, which requireVerified does not allow');
  }
  checkOneOf("manifest", manifest, ["check", "report"]);
  checkRequired(options.requireVerified);
  checkOneOf("source", source, ["session", "static"]);
}
