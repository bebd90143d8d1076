import type { DownloadEvent } from "@carrel/core";
import { scan, startWith } from "rxjs";
import type { OperatorFunction } from "rxjs";
import type { DownloadState } from "./download-state.ts";
import { foldEvent } from "./fold-event.ts";

const initial: DownloadState = Object.freeze({
  phase: "starting",
  files: Object.freeze([]),
  receivedBytes: 0,
  bytesPerSecond: 0,
});

/**
 * Folds the events of one download into what a screen shows of it. Emits the empty state at once, and a new one at each
 * event: put {@link sampleTransfers} before it to have fewer.
 *
 * Cost on the wire: nothing.
 *
 * @example
 * ```ts
 * import type { DownloadEvent } from "@carrel/core";
 * import { sampleTransfers, toDownloadState } from "@carrel/rx";
 * import { map } from "rxjs";
 * import type { Observable } from "rxjs";
 *
 * function percent$(events: Observable<DownloadEvent>): Observable<string> {
 *   return events.pipe(
 *     sampleTransfers(),
 *     toDownloadState(),
 *     map((state) => (state.percent === undefined ? state.phase : `${Math.floor(state.percent)} %`)),
 *   );
 * }
 * ```
 */
export function toDownloadState(): OperatorFunction<DownloadEvent, DownloadState> {
  return (source) => source.pipe(scan(foldEvent, initial), startWith(initial));
}
