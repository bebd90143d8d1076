import { Observable } from "rxjs";

/**
 * Turns an abortable async iterable into a cold observable: each subscriber starts its own task, and unsubscribing
 * aborts it. A value that arrives later is dropped, and the iterator is closed. An error of the task is emitted
 * unchanged.
 *
 * Cost on the wire: that of the task.
 *
 * @example
 * ```ts
 * import type { CarrelClient } from "@carrel/core";
 * import { fromTask } from "@carrel/rx";
 * import type { Observable } from "rxjs";
 *
 * async function* itemNames(client: CarrelClient, libraryId: string, signal: AbortSignal) {
 *   for (const id of await client.item.list({ library_id: libraryId }, { signal }))
 *     yield (await client.item.get(id, { signal })).name;
 * }
 *
 * function itemNames$(client: CarrelClient, libraryId: string): Observable<string | undefined> {
 *   return fromTask((signal) => itemNames(client, libraryId, signal));
 * }
 * ```
 *
 * @example A download as an observable, with `@carrel/node-stream`:
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

/** Turns one call into a cold observable of its result; unsubscribing aborts it. */
export function fromCall<T>(call: (signal: AbortSignal) => PromiseLike<T>): Observable<T> {
  return new Observable((subscriber) => {
    const controller = new AbortController();
    call(controller.signal).then(
      (result) => {
        subscriber.next(result);
        subscriber.complete();
      },
      (error: unknown) => subscriber.error(error),
    );
    return () => controller.abort();
  });
}
