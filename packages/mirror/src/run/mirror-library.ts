import type { CarrelClient } from "@carrel/core";
import { checkNumber, checkText } from "@carrel/core/kit";
import { ConcurrencyLimit, RateLimit } from "@carrel/node-stream";
import { quote } from "@carrel/node-stream/fs";
import { checkDownloadOptions, startTask, supersedes as supersedesInDownload } from "@carrel/node-stream/task";
import { placeOf } from "../place/disk-place.ts";
import type { MirrorEvent } from "../events.ts";
import type { MirrorOptions } from "./mirror-options.ts";
import type { MirrorPlace } from "../place/mirror-place.ts";
import { refuseNested } from "../record/outer-library.ts";
import { MirrorRun } from "./mirror-run.ts";
import type { MirrorJob } from "./mirror-run.ts";
import { vcenterSource } from "../library/mirror-source.ts";
import type { MirrorSource } from "../library/mirror-source.ts";
import type { MirrorReport } from "../report.ts";
import { checkSelection } from "../library/selection.ts";

/**
 * A mirror run under way, from {@link mirrorLibrary}. Iterate it for progress, or await `report`, or both; it is not a thenable.
 *
 * Nothing has to be consumed: progress that nobody fetched is dropped in favour of newer progress, and a failure that nobody
 * looks at is not an unhandled rejection.
 */
export interface MirrorTask extends AsyncIterable<MirrorEvent, undefined>, AsyncDisposable {
  /** The outcome. Rejects with what went wrong, after the sessions were ended on the server and the lock was released. */
  readonly report: Promise<MirrorReport>;
  /**
   * The events, for one consumer. Throws what `report` rejects with. Leaving the loop early aborts the run, and waits until it
   * has ended.
   */
  [Symbol.asyncIterator](): AsyncIterator<MirrorEvent, undefined>;
  /**
   * Aborts the run if it is still under way, and waits until its sessions are ended and its lock is released. What `await using`
   * does at the end of its block. Never rejects.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Brings a directory up to date with a library: one directory for each item, named by {@link directoryNameFor}. Only changes are
 * downloaded, each item in a download session of its own. Starts at once.
 *
 * A new version of an item is downloaded beside the mirror, where a later run resumes it, and takes its place when all of its
 * files are whole. What the mirror put into the directory is recorded in `.carrel-mirror.json` and, item by item, in
 * `.carrel-mirror.items`; nothing else is replaced or deleted, and links are not followed. A run holds `.carrel-mirror.lock`; where the holder of the lock shows no sign of life,
 * it is watched for 20 seconds, and a `waiting` event says so.
 *
 * Cost on the wire: two calls for the library and one for each item; one for the files of an item whose content changed and
 * whose directory exists; and for each item that is not in place what {@link downloadItem} costs for the files that are missing.
 *
 * With `retryForMs` the calls of the run itself are patient as well, but for the first one. Where a server does not answer for that
 * long, the run rejects with that error: other items would fail likewise.
 *
 * An item that fails does not stop the others: the rest is updated, and then the task rejects with a
 * {@link MirrorError} `incomplete`, which has the report. The task rejects at once with a {@link MirrorError} (`MIRROR`)
 * where the directory cannot be used: `locked`, `other-library`, `inside-other`, `record`, `record-owner`, `library-empty`,
 * `too-many-deletions`, `no-space`, `obstacle`; with a
 * `ServerError` (`NOT_FOUND`: no such library; `AUTH`: the login was refused), a `TransferError` (`TRANSFER`, `lock-lost` or
 * `disk`), a `TransportError`, or with `signal.reason` as it is. After an abort every session is ended and the lock released.
 *
 * @param directory - The directory; it is created where it does not exist.
 * @throws TypeError, RangeError where an argument or option makes no sense.
 *
 * @example
 * ```ts
 * import type { CarrelClient } from "@carrel/core";
 * import { mirrorLibrary } from "@carrel/mirror";
 *
 * async function mirror(client: CarrelClient, libraryId: string): Promise<void> {
 *   await using task = mirrorLibrary(client, libraryId, "./images", { delete: true });
 *   for await (const event of task) {
 *     if (event.type === "mirrored") process.stdout.write(`${event.action}: ${event.item}\n`);
 *   }
 *   const { counts } = await task.report;
 *   process.stdout.write(`${counts.inPlace} items in place, ${counts.receivedBytes} bytes received\n`);
 * }
 * ```
 */
export function mirrorLibrary(
  client: CarrelClient,
  libraryId: string,
  directory: string | URL,
  options: MirrorOptions = {},
): MirrorTask {
  return mirrorFrom(vcenterSource(client), libraryId, directory, options);
}

/**
 * Brings a place up to date with a library, wherever the two are, as {@link mirrorLibrary} does.
 *
 * @private Does not follow semantic versioning.
 */
export function mirrorFrom(
  source: MirrorSource,
  libraryId: string,
  directory: string | URL | MirrorPlace,
  options: MirrorOptions = {},
): MirrorTask {
  checkText("mirrorLibrary: libraryId", libraryId);
  checkDownloadOptions(options);
  if (options.maxDelete !== undefined) checkNumber("maxDelete", options.maxDelete, { from: 0, whole: true });
  if (options.deleteAfterMs !== undefined)
    checkNumber("deleteAfterMs", options.deleteAfterMs, { from: 0, to: longestMs });
  if (options.select !== undefined) checkSelection(options.select);
  const place = placeOf(directory);
  if (options.backupDirectory !== undefined) {
    if (place.backupTo === undefined)
      throw new TypeError(`backupDirectory: nothing is kept of ${quote(place.location)}`);
    place.backupTo(options.backupDirectory, new Date());
  }
  const limits = limitsOf(options);
  return startTask<MirrorEvent, MirrorReport>({
    noun: "mirror run",
    signal: options.signal,
    async run(emit, signal) {
      await refuseNested(place);
      return await new MirrorRun({ source, libraryId, place, options, ...limits, emit, signal }).run();
    },
    supersedes,
  });
}

/** A hundred years: the moment that they end at can be written as a date. */
const longestMs = 3_155_760_000_000;

/** Creates one limit for all items, not one for each. */
function limitsOf({
  concurrency = 4,
  maxBytesPerSecond: rate,
}: MirrorOptions): Pick<MirrorJob, "concurrency" | "rateLimit"> {
  return {
    concurrency: typeof concurrency === "number" ? new ConcurrencyLimit(concurrency) : concurrency,
    rateLimit: typeof rate === "number" ? new RateLimit(rate) : rate,
  };
}

/** Returns whether an event is newer progress of the same work. */
function supersedes(event: MirrorEvent, queued: MirrorEvent): boolean {
  if (event.type === "reading" || event.type === "verifying" || event.type === "retrying") {
    return event.type === queued.type;
  }
  if (event.type !== "download" || queued.type !== "download" || event.itemId !== queued.itemId) return false;
  return supersedesInDownload(event.event, queued.event);
}
