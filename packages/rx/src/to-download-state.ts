import { foldDownloadEvent, initialDownloadState, systemClock } from "@carrel/core";
import type { Clock, DownloadEvent, DownloadState } from "@carrel/core";
import { scan, startWith } from "rxjs";
import type { OperatorFunction } from "rxjs";

/**
 * Folds the events of one download into what a screen shows of it, by {@link foldDownloadEvent} of core. Emits the
 * state before the first event at once, and a new one at each event: put {@link sampleTransfers} before it to get
 * fewer.
 *
 * Cost on the wire: nothing.
 *
 * @param clock - Measures the rate of finished files. Default: the platform's time.
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
export function toDownloadState(clock: Clock = systemClock): OperatorFunction<DownloadEvent, DownloadState> {
  return (source) =>
    source.pipe(
      scan((state, event) => foldDownloadEvent(state, event, clock.now()), initialDownloadState),
      startWith(initialDownloadState),
    );
}
