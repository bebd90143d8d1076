import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { CarrelClient } from "@carrel/core";
import { startTask, supersedes as supersedesInDownload } from "@carrel/node-stream/task";
import type { MirrorEvent } from "./events.ts";
import type { MirrorOptions } from "./mirror-options.ts";
import { MirrorRun } from "./mirror-run.ts";
import type { MirrorReport } from "./report.ts";

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
 * Brings a directory up to date with a library: one directory for each item, named by `folderNameFor`. Starts at once.
 */
export function mirrorLibrary(
  client: CarrelClient,
  libraryId: string,
  folder: string | URL,
  options: MirrorOptions = {},
): MirrorTask {
  const root = resolve(typeof folder === "string" ? folder : fileURLToPath(folder));
  return startTask<MirrorEvent, MirrorReport>({
    noun: "mirror run",
    signal: options.signal,
    run: (emit, signal) => new MirrorRun({ client, libraryId, root, options, emit, signal }).run(),
    supersedes,
  });
}

/** Returns whether an event is newer progress of the same work. */
function supersedes(event: MirrorEvent, queued: MirrorEvent): boolean {
  if (event.type === "reading" || event.type === "verifying") return event.type === queued.type;
  if (event.type !== "download" || queued.type !== "download" || event.itemId !== queued.itemId) return false;
  return supersedesInDownload(event.event, queued.event);
}
