import type { DownloadEvent } from "@carrel/core";
import { checkNumber, longestMs } from "@carrel/core/kit";
import { defer, dematerialize, EMPTY, map, materialize, mergeMap, timer } from "rxjs";
import type { MonoTypeOperatorFunction, Observable, ObservableInput, ObservableNotification } from "rxjs";

type Transferring = Extract<DownloadEvent, { readonly type: "transferring" }>;

/**
 * Emits at most one `transferring` event for each file and period, the last one of the period, and all other events at
 * once.
 *
 * A period begins with the first event of a file after the previous period. The order is preserved: a `transferring`
 * event that is held back precedes the next event about its file, `done` and the end of the stream, so the last figure
 * is never lost.
 *
 * Cost on the wire: nothing.
 *
 * @param periodMs - The length of a period, in milliseconds. Default: 250.
 * @throws TypeError, RangeError at the call, where `periodMs` is not a number from 0 to 2^31 - 1.
 *
 * @example
 * ```ts
 * import type { DownloadEvent } from "@carrel/core";
 * import { sampleTransfers } from "@carrel/rx";
 * import type { Observable } from "rxjs";
 *
 * function fourTimesASecond(events: Observable<DownloadEvent>): Observable<DownloadEvent> {
 *   return events.pipe(sampleTransfers(250));
 * }
 * ```
 */
export function sampleTransfers(periodMs = 250): MonoTypeOperatorFunction<DownloadEvent> {
  checkNumber("periodMs", periodMs, { from: 0, to: longestMs });
  return (source) =>
    defer(() => {
      const heldBack = new Map<string, { latest: Transferring }>();

      function release(file: string): Transferring[] {
        const held = heldBack.get(file);
        heldBack.delete(file);
        return held ? [held.latest] : [];
      }

      function hold(event: Transferring): Observable<Transferring> {
        const held = heldBack.get(event.file);
        if (held) {
          held.latest = event;
          return EMPTY;
        }
        const begun = { latest: event };
        heldBack.set(event.file, begun);
        return timer(periodMs).pipe(mergeMap(() => (heldBack.get(event.file) === begun ? release(event.file) : [])));
      }

      return source.pipe(
        materialize(),
        mergeMap((notification): ObservableInput<ObservableNotification<DownloadEvent>> => {
          const event = notification.kind === "N" ? notification.value : undefined;
          if (event?.type === "transferring") return hold(event).pipe(map(toNext));
          const isLast = event === undefined || event.type === "done";
          const files = isLast ? [...heldBack.keys()] : "file" in event ? [event.file] : [];
          return [...files.flatMap(release).map(toNext), notification];
        }),
        dematerialize(),
      );
    });
}

const toNext = (value: DownloadEvent): ObservableNotification<DownloadEvent> => ({ kind: "N", value });
