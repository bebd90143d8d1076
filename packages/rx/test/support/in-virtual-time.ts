import { AsyncSubject } from "rxjs";
import type { Observable } from "rxjs";

/** As a promise, but settled in virtual time, which knows no microtasks. */
export function inVirtualTime<T, R>(source: Observable<T>, result: (value: T) => R): Promise<R> {
  const settled = new AsyncSubject<R>();
  source.subscribe({
    next(value) {
      try {
        settled.next(result(value));
        settled.complete();
      } catch (error) {
        settled.error(error);
      }
    },
    error: (error: unknown) => settled.error(error),
  });
  const promise = {
    // oxlint-disable-next-line unicorn/no-thenable
    then(onResult: (value: R) => void, onError: (error: unknown) => void): void {
      settled.subscribe({ next: onResult, error: onError });
    },
  };
  return promise as unknown as Promise<R>;
}
