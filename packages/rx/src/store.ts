import { checkNumber, longestMs } from "@carrel/core/kit";
import { retry, Subject, Subscription, throwError, timer } from "rxjs";
import type { Observable } from "rxjs";

export const defaultLingerMs = 2_000;

/** Options of {@link toStore}. */
export interface StoreOptions {
  /**
   * How long the source stays subscribed to after the last listener has left, in milliseconds, so that a re-render does
   * not start it again. 0 unsubscribes at once.
   * @defaultValue 2_000
   */
  readonly lingerMs?: number;
}

/**
 * What a store holds. Frozen and replaced at each change, so comparing references detects changes.
 *
 * - `pending`: there is no value yet.
 * - `value`: the latest value of the source. It remains after the source has completed.
 * - `error`: the source has failed with `error`; `value` is the latest before that. It is the last state, but for a
 *   store that says that it continues.
 */
export type StoreState<T> =
  | { readonly status: "pending"; readonly value?: undefined; readonly error?: undefined }
  | { readonly status: "value"; readonly value: T; readonly error?: undefined }
  | { readonly status: "error"; readonly value: T | undefined; readonly error: unknown };

/** A state to read and to listen to, as frameworks expect it. Its functions can be passed on without the store. */
export interface Store<T> {
  /** Returns the current state: the same object until it changes. Starts nothing. */
  readonly get: () => StoreState<T>;
  /** Calls back after each change of the state. Returns a function that stops it. */
  readonly subscribe: (listener: () => void) => () => void;
}

const pending: StoreState<never> = Object.freeze({ status: "pending" });

/**
 * Turns an observable into a store: a state that a user interface reads, and a way to learn of its changes.
 *
 * Subscribes to the source at the first listener, once for all of them, and unsubscribes `lingerMs` after the last one
 * has left. From then on the state is `pending`, and the next listener subscribes again. Errors are states.
 *
 * Cost on the wire: nothing before the first listener, then that of one subscription to the source.
 *
 * @throws TypeError, RangeError at the call, where `lingerMs` is not a number from 0 to 2^31 - 1.
 *
 * @example
 * ```ts
 * import type { CarrelClient } from "@carrel/core";
 * import { session$, toStore } from "@carrel/rx";
 *
 * function showPhase(client: CarrelClient, itemId: string, show: (text: string) => void): () => void {
 *   const store = toStore(session$(client, itemId), { lingerMs: 0 }); // the session lingers by itself
 *   return store.subscribe(() => {
 *     const { value, error } = store.get();
 *     show(error === undefined ? (value?.phase ?? "not opened") : String(error));
 *   });
 * }
 * ```
 */
export function toStore<T>(source: Observable<T>, options: StoreOptions = {}): Store<T> {
  const { lingerMs = defaultLingerMs } = options;
  checkNumber("lingerMs", lingerMs, { from: 0, to: longestMs });
  return storeOf(source, lingerMs, () => undefined);
}

/**
 * Makes a store that subscribes to its source again after an error, which is its state until the next value.
 *
 * @param pauseMs - How long to wait first, after this number of errors in a row; `undefined` where the error is the last state.
 */
export function storeOf<T>(
  source: Observable<T>,
  lingerMs: number,
  pauseMs: (error: unknown, failures: number) => number | undefined,
): Store<T> {
  const changes = new Subject<void>();
  let state: StoreState<T> = pending;
  let connection: Subscription | undefined;
  let lingering: Subscription | undefined;

  function change(next: StoreState<T>): void {
    state = Object.freeze(next);
    changes.next();
  }

  const fail = (error: unknown): void => change({ status: "error", value: state.value, error });

  const lasting = source.pipe(
    retry({
      resetOnSuccess: true,
      delay(error: unknown, failures) {
        const ms = pauseMs(error, failures);
        if (ms === undefined) return throwError(() => error);
        fail(error);
        return timer(ms);
      },
    }),
  );

  function connect(): void {
    // Known before the source emits, because a listener may subscribe while it does so at once.
    connection = new Subscription();
    const subscription = lasting.subscribe({
      next(value) {
        // A source that replays its latest value has not changed.
        if (state.status !== "value" || !Object.is(state.value, value)) change({ status: "value", value });
      },
      error: fail,
    });
    connection.add(subscription);
  }

  function disconnect(): void {
    connection?.unsubscribe();
    connection = undefined;
    state = pending;
  }

  return {
    get: () => state,
    subscribe(listener) {
      lingering?.unsubscribe();
      const listening = changes.subscribe(() => listener());
      if (connection === undefined) connect();
      return () => {
        if (listening.closed) return;
        listening.unsubscribe();
        if (changes.observed) return;
        if (lingerMs === 0) disconnect();
        else lingering = timer(lingerMs).subscribe(disconnect);
      };
    },
  };
}
