import { systemClock, TransferError } from "@carrel/core";
import type { CarrelClient } from "@carrel/core";
import { checkNumber, longestMs, sleep } from "@carrel/core/kit";

/** Options of {@link syncItem}. */
export interface SyncItemOptions {
  /**
   * Stops waiting: rejects with `signal.reason`, unwrapped. The vCenter continues to fetch.
   * @defaultValue none
   */
  readonly signal?: AbortSignal;
  /**
   * How long to wait for the content, in milliseconds, at most 2_147_483_647, about 24 days.
   * @defaultValue 3_600_000
   */
  readonly timeoutMs?: number;
  /**
   * Called after the vCenter was asked to fetch the content.
   * @defaultValue none
   */
  readonly onRequested?: () => void;
}

const defaultSyncTimeoutMs = 3_600_000;
const firstPauseMs = 250;
const longestPauseMs = 10_000;

/**
 * Has the vCenter fetch the content of an item of a subscribed library from the publisher, and waits until it has arrived.
 * Returns at once if the vCenter has the content. An item of an on-demand library cannot be downloaded before.
 *
 * Cost on the wire: one request; if the vCenter does not have the content, one more, and one for each check, with pauses that
 * grow from 0.25 to 10 s.
 *
 * @returns whether the content had to be fetched.
 * @throws `TransferError` `TRANSFER`, `uncached`: the content did not arrive in time.
 * @throws `ServerError` `NOT_FOUND`: the item does not exist, or was deleted because the publisher deleted it. `AUTH`: the user
 * lacks the privilege ContentLibrary.SyncLibraryItem. `REJECTED`: the library is not a subscribed one.
 * @throws TypeError or RangeError if an option has the wrong type or is out of range.
 *
 * @example
 * ```ts
 * import type { CarrelClient } from "@carrel/core";
 * import { downloadItem, syncItem } from "@carrel/node-stream";
 *
 * async function fetchAll(client: CarrelClient, libraryId: string): Promise<void> {
 *   for (const itemId of await client.item.list({ library_id: libraryId })) {
 *     await syncItem(client, itemId, { timeoutMs: 600_000 });
 *     await downloadItem(client, itemId, `./images/${itemId}`).report;
 *   }
 * }
 * ```
 */
export async function syncItem(client: CarrelClient, itemId: string, options: SyncItemOptions = {}): Promise<boolean> {
  const { signal, timeoutMs = defaultSyncTimeoutMs, onRequested } = options;
  checkNumber("timeoutMs", timeoutMs, { from: 1, to: longestMs, whole: true });
  const call = signal === undefined ? {} : { signal };
  const isCached = async (): Promise<boolean> => (await client.item.get(itemId, call)).cached !== false;
  if (await isCached()) return false;
  await client.subscribedItem.sync(itemId, { force_sync_content: true }, call);
  onRequested?.();
  const endAtMs = performance.now() + timeoutMs;
  for (let pauseMs = firstPauseMs; !(await isCached()); pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
    const leftMs = endAtMs - performance.now();
    if (leftMs <= 0) throw notInTime(timeoutMs);
    await sleep(systemClock, Math.min(pauseMs, leftMs), signal);
  }
  return true;
}

function notInTime(timeoutMs: number): TransferError {
  const message = `The content is not at the vCenter: it was not fetched from the publisher within ${timeoutMs / 1000} s`;
  return new TransferError(message, { problem: "uncached" });
}
