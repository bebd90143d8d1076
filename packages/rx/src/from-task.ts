import { Observable } from "rxjs";

/**
 * An abortable async iterable as a cold observable: each subscriber starts a task of its own, and unsubscribing aborts
 * it. A value that arrives after that is dropped, and the iterator is closed. An error of the task is emitted as it is.
 *
 * Cost on the wire: the task's.
 *
 * @example
 * ```ts
 * import { setInterval } from "node:timers/promises";
 * import { fromTask } from "@carrel/rx";
 * import { take } from "rxjs";
 * import type { Observable } from "rxjs";
 *
 * function threeTicks(): Observable<string> {
 *   return fromTask((signal) => setInterval(10, "tick", { signal })).pipe(take(3));
 * }
 * ```
 *
 * @example
 * A download as an observable, with `@carrel/node-stream`:
 * `fromTask((signal) => downloadItem(client, itemId, "./out", { signal }))`
 */
export function fromTask<T>(start: (signal: AbortSignal) => AsyncIterable<T>): Observable<T> {
  return new Observable((subscriber) => {
    const controller = new AbortController();

    async function run(): Promise<void> {
      for await (const value of start(controller.signal)) {
        subscriber.next(value);
        if (subscriber.closed) return;
      }
    }

    let over = false;
    run()
      .finally(() => (over = true))
      .then(
        () => subscriber.complete(),
        (error: unknown) => subscriber.error(error),
      );
    return () => {
      if (!over) controller.abort();
    };
  });
}
