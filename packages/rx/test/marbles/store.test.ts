import { TransportError } from "@carrel/core";
import { asyncScheduler, map, NEVER, Observable, of } from "rxjs";
import { expect, expectTypeOf, test, vi } from "vitest";
import { reopenWhenLost, session$, toStore } from "../../src/index.ts";
import type { Store, StoreOptions, StoreState } from "../../src/index.ts";
import { marbles } from "../support/marbles.ts";
import { scriptedClient } from "../support/scripted-client.ts";
import { loss, lost } from "../support/snapshots.ts";

/** The states of a store as a listener reads them. */
function states<T>(store: Store<T>): Observable<StoreState<T>> {
  return new Observable((subscriber) => store.subscribe(() => subscriber.next(store.get())));
}

const value = <T>(held: T): StoreState<T> => ({ status: "value", value: held });

test("toStore subscribes at the first listener, once for all, and again after the last one has left", () => {
  marbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
    const source = cold("a-b-c-d-e-f-g-h-");
    const store = toStore(source, { lingerMs: 0 });
    expect(store.get()).toEqual({ status: "pending" });
    const letters = states(store).pipe(map((state) => state.value));
    expectObservable(letters, "-^----!").toBe("-a-b-c-");
    expectObservable(letters, "---^----!").toBe("---b-c-d-");
    expectObservable(letters, "----------^--!").toBe("----------a-b-");
    expectSubscriptions(source.subscriptions).toBe(["-^------!", "----------^--!"]);
    flush();
    expect(store.get()).toEqual({ status: "pending" });
  });
});

test("toStore lingers, and keeps state and subscription for a listener that returns in time", () => {
  marbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
    const source = cold("a-b--c----------");
    const store = toStore(source, { lingerMs: 5 });
    const letters = states(store).pipe(map((state) => state.value));
    expectObservable(letters, "^--!").toBe("a-b-");
    expectObservable(letters, "----^--!").toBe("-----c--");
    asyncScheduler.schedule(() => expect(store.get()).toEqual(value("c")), 10);
    asyncScheduler.schedule(() => expect(store.get()).toEqual({ status: "pending" }), 13);
    expectSubscriptions(source.subscriptions).toBe("^-----------!");
    flush();
  });
});

test("toStore lingers for two seconds by default", () => {
  marbles(({ cold, expectSubscriptions }) => {
    const source = cold("a");
    toStore(source).subscribe(() => {})();
    expectSubscriptions(source.subscriptions).toBe("^ 1999ms !");
  });
});

test("toStore keeps an error as a state, with the value before it, for later listeners as well", () => {
  marbles(({ cold, flush }) => {
    const error = new TransportError("The server was not reached");
    const source: Observable<string> = cold("--a-#", undefined, error);
    const store = toStore(source);
    const seen: StoreState<string>[] = [];
    store.subscribe(() => seen.push(store.get()));
    store.subscribe(() => {});
    flush();
    expect(seen).toEqual([value("a"), { status: "error", value: "a", error }]);
    expect(store.get()).toBe(seen[1]);
    expect(Object.isFrozen(store.get())).toBe(true);
  });
});

test("toStore keeps the last value of a source that has completed, and does not start it again for a listener", () => {
  const subscribed = vi.fn<() => void>();
  const store = toStore(
    new Observable<number>((subscriber) => {
      subscribed();
      return of(1, 2).subscribe(subscriber);
    }),
    { lingerMs: 0 },
  );
  const leave = store.subscribe(() => {});
  store.subscribe(() => {});
  expect(store.get()).toEqual(value(2));
  leave();
  leave(); // twice is once
  expect(store.get()).toEqual(value(2));
  expect(subscribed).toHaveBeenCalledTimes(1);
});

test("toStore subscribes once where a listener subscribes while the source emits at once", () => {
  const subscribed = vi.fn<() => void>();
  const source = new Observable<number>((subscriber) => {
    subscribed();
    return of(1, 2, 3).subscribe(subscriber);
  });
  const store = toStore(source, { lingerMs: 0 });
  const leaves: (() => void)[] = [];
  store.subscribe(() => {
    if (store.get().value === 1) leaves.push(store.subscribe(() => {}));
  });
  expect(subscribed).toHaveBeenCalledTimes(1);
  expect([leaves.length, store.get()]).toEqual([1, value(3)]);
});

test("toStore keeps the state object while the source repeats itself", () => {
  const listener = vi.fn<() => void>();
  const held = {};
  const store = toStore(of(held, held, held));
  store.subscribe(listener);
  expect(listener).toHaveBeenCalledTimes(1);
  expect(store.get().value).toBe(held);
});

test("toStore calls a listener that was added twice twice, until each is taken away", () => {
  marbles(({ cold, flush }) => {
    const store = toStore(cold("a-b-c"), { lingerMs: 0 });
    let calls = 0;
    const listener = (): void => void calls++;
    const leaves = [store.subscribe(listener), store.subscribe(listener)];
    asyncScheduler.schedule(() => leaves[0]?.(), 1);
    asyncScheduler.schedule(() => leaves[1]?.(), 3);
    flush();
    expect(calls).toBe(3 + 1 - 1);
  });
});

test("toStore of a session shows loss and reopening", () => {
  marbles(({ cold, expectObservable, flush }) => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const { client, log } = scriptedClient([{ afterMs: 1, changes: cold("--l", { l: lost }) }, { afterMs: 1 }]);
    const session = session$(client, "item-1", { lingerMs: 3 }).pipe(reopenWhenLost({ baseDelayMs: 10 }));
    const store = toStore(session, { lingerMs: 0 });
    const phases = states(store).pipe(map((state) => state.value?.phase[0]));
    expectObservable(phases, "^-----------!").toBe("oa-l----oa---");
    flush();
    expect(log).toEqual(["lease item-1 @0", "dispose 1 @3", "lease item-1 @8", "dispose 2 @15"]);
  });
  vi.restoreAllMocks();
});

test("toStore of a session without reopening ends with the loss as an error", () => {
  marbles(({ cold, flush }) => {
    const { client } = scriptedClient([{ afterMs: 1, changes: cold("--l", { l: lost }) }]);
    const store = toStore(session$(client, "item-1"), { lingerMs: 0 });
    store.subscribe(() => {});
    flush();
    expect(store.get()).toEqual({ status: "error", value: lost, error: loss });
  });
});

test("Store and StoreState have types that narrow", () => {
  const store = toStore(NEVER as Observable<number>);
  expectTypeOf(store).toEqualTypeOf<Store<number>>();
  expectTypeOf<StoreOptions>().toEqualTypeOf<{ readonly lingerMs?: number }>();
  const state = store.get();
  expectTypeOf(state.value).toEqualTypeOf<number | undefined>();
  expectTypeOf(state.error).toEqualTypeOf<unknown>();
  if (state.status === "value") expectTypeOf(state.value).toEqualTypeOf<number>();
  if (state.status === "pending") expectTypeOf(state.value).toEqualTypeOf<undefined>();
});
