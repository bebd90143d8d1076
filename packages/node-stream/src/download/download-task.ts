import type { DownloadEvent } from "@carrel/core";
import type { DownloadReport } from "./download-report.ts";

/**
 * A download under way, from {@link downloadItem}. Iterate it for progress, or await `report`, or both; it is no thenable.
 *
 * Nothing has to be consumed: events that nobody fetched are dropped in favour of newer ones, and a failure that nobody
 * looks at is no unhandled rejection.
 */
export interface DownloadTask extends AsyncIterable<DownloadEvent, undefined>, AsyncDisposable {
  /** The outcome. Rejects with what went wrong, after the session was ended on the server. */
  readonly report: Promise<DownloadReport>;
  /**
   * The events, for one consumer. Throws what `report` rejects with. Leaving the loop early aborts the download, and
   * waits until the session is ended.
   */
  [Symbol.asyncIterator](): AsyncIterator<DownloadEvent, undefined>;
  /** Aborts the download if it is still under way, and waits until the session is ended. Never throws. */
  [Symbol.asyncDispose](): Promise<void>;
}
