import { setInterval } from "node:timers/promises";
import { firstValueFrom, from, lastValueFrom, take, toArray } from "rxjs";
import { expect, test, vi } from "vitest";
import { fromTask } from "../src/index.ts";

test("emits the values and completes, without aborting what is over", async () => {
  const signals: AbortSignal[] = [];
  const task = fromTask(async function* (signal) {
    signals.push(signal);
    yield* [1, 2, 3];
  });
  expect(signals).toEqual([]);
  expect(await lastValueFrom(task.pipe(toArray()))).toEqual([1, 2, 3]);
  expect(await lastValueFrom(task.pipe(toArray()))).toEqual([1, 2, 3]);
  expect(signals.map((signal) => signal.aborted)).toEqual([false, false]);
});

test("unsubscribing aborts the task, which may tidy up", async () => {
  let signal: AbortSignal | undefined;
  const tidied = vi.fn<() => void>();
  const task = fromTask(async function* (given) {
    signal = given;
    try {
      for await (const _ of setInterval(1, undefined, { signal: given })) yield "tick";
    } finally {
      tidied();
    }
  });
  expect(await firstValueFrom(task)).toBe("tick");
  expect(signal?.aborted).toBe(true);
  await vi.waitFor(() => expect(tidied).toHaveBeenCalledTimes(1));
});

test("closes the iterator of a task that does not heed the signal", async () => {
  const closed = vi.fn<() => void>();
  const values = fromTask(async function* () {
    try {
      for (let value = 0; ; value++) yield value;
    } finally {
      closed();
    }
  }).pipe(take(3), toArray());
  expect(await lastValueFrom(values)).toEqual([0, 1, 2]);
  await vi.waitFor(() => expect(closed).toHaveBeenCalledTimes(1));
});

test("emits errors as they are: of the task, and of starting it", async () => {
  const error = new RangeError("No.");
  const failing = fromTask(async function* () {
    yield 1;
    throw error;
  });
  await expect(lastValueFrom(failing)).rejects.toBe(error);
  const unstartable = fromTask(() => {
    throw error;
  });
  await expect(lastValueFrom(unstartable)).rejects.toBe(error);
});

test("is silent about an abort of its own", async () => {
  const seen: unknown[] = [];
  const subscription = from(fromTask((signal) => setInterval(60_000, 1, { signal }))).subscribe({
    next: (value) => seen.push(value),
    error: (error: unknown) => seen.push(error),
    complete: () => seen.push("complete"),
  });
  subscription.unsubscribe();
  await new Promise(setImmediate);
  expect(seen).toEqual([]);
});
