import { Observable } from "rxjs";

/** One call as a cold observable of its result; unsubscribing aborts it. */
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
