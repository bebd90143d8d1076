import { setInterval } from "node:timers/promises";
import { firstValueFrom, from, lastValueFrom, take, toArray } from "rxjs";
import { expect, test, vi } from "vitest";
import { fromTask } from "../src/index.ts";

test("fromTask emits the values and completes, without aborting a task that has ended", async () => {
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

test("fromTask aborts the task when unsubscribed, and the task may clean up", async () => {
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

test("fromTask closes the iterator of a task that ignores the signal", async () => {
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

test("fromTask emits errors of the task and of its start unchanged", async () => {
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

test("fromTask emits nothing about its own abort", async () => {
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
