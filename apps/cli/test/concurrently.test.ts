import { expect, test } from "vitest";
import { collect, concurrently } from "../src/concurrently.ts";

/** Work that ends when a test says so. */
class Doors {
  readonly begun: number[] = [];
  readonly #doors = new Map<number, PromiseWithResolvers<number>>();

  readonly work = async (value: number): Promise<number> => {
    this.begun.push(value);
    const door = Promise.withResolvers<number>();
    this.#doors.set(value, door);
    return door.promise;
  };

  open(value: number): void {
    this.#doors.get(value)?.resolve(value * 10);
  }

  fail(value: number): void {
    this.#doors.get(value)?.reject(new Error(`${value} failed`));
  }
}

/** Lets everything happen that is ready to. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("concurrently yields results in the order of the values, whichever work ends first", async () => {
  const doors = new Doors();
  const all = collect(concurrently([1, 2, 3], 3, doors.work));
  await settle();
  for (const value of [3, 1, 2]) doors.open(value);
  expect(await all).toEqual([10, 20, 30]);
});

test("concurrently begins the next value when any has ended, never more than the limit", async () => {
  const doors = new Doors();
  const all = collect(concurrently([1, 2, 3, 4], 2, doors.work));
  await settle();
  expect(doors.begun).toEqual([1, 2]);
  doors.open(2);
  await settle();
  expect(doors.begun).toEqual([1, 2, 3]);
  for (const value of [1, 3]) doors.open(value);
  await settle();
  expect(doors.begun).toEqual([1, 2, 3, 4]);
  doors.open(4);
  expect(await all).toEqual([10, 20, 30, 40]);
});

test("concurrently begins nothing after a failure, and rejects once what was begun has ended", async () => {
  const doors = new Doors();
  let failure: unknown;
  const all = collect(concurrently([1, 2, 3], 2, doors.work)).catch((error: unknown) => (failure = error));
  await settle();
  doors.fail(1);
  await settle();
  expect(doors.begun).toEqual([1, 2]);
  expect(failure).toBeUndefined();
  doors.open(2);
  await all;
  expect(failure).toMatchObject({ message: "1 failed" });
  expect(doors.begun).toEqual([1, 2]);
});

test("concurrently begins nothing after its reader has left", async () => {
  const doors = new Doors();
  const results = concurrently([1, 2, 3, 4], 2, doors.work);
  const first = results.next();
  await settle();
  doors.open(1);
  expect(await first).toEqual({ value: 10, done: false });
  const left = results.return();
  for (const value of [2, 3]) doors.open(value);
  await left;
  expect(doors.begun).toEqual([1, 2, 3]);
});

test("concurrently takes any limit, and no values", async () => {
  expect(await collect(concurrently([1, 2], Number.MAX_SAFE_INTEGER, async (value) => value))).toEqual([1, 2]);
  expect(await collect(concurrently([], 4, async () => 1))).toEqual([]);
});
