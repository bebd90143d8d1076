import fc from "fast-check";
import { expect, test } from "vitest";
import { ConcurrencyLimit } from "../../src/index.ts";

const never = new AbortController().signal;

test("ConcurrencyLimit grants as many slots as it has, in the order of the requests", async () => {
  const limit = new ConcurrencyLimit(2);
  const order: number[] = [];
  const entering = Array.from({ length: 5 }, async (_, index) => {
    const release = await limit.acquire(never);
    order.push(index);
    return release;
  });
  const [first, second] = await Promise.all([entering[0], entering[1]]);
  expect(order).toEqual([0, 1]);
  first?.();
  // A second call releases no second slot.
  first?.();
  const third = await entering[2];
  expect(order).toEqual([0, 1, 2]);
  third?.();
  second?.();
  const rest = await Promise.all(entering.slice(3));
  expect(order).toEqual([0, 1, 2, 3, 4]);
  for (const release of rest) release();
});

test("ConcurrencyLimit never grants too many slots and loses none, whatever is aborted or released", async () => {
  const step = fc.oneof(fc.constant("enter" as const), fc.constant("release" as const), fc.constant("abort" as const));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), async (files, steps) => {
      const limit = new ConcurrencyLimit(files);
      const inside: (() => void)[] = [];
      const waiting: AbortController[] = [];
      let aborted = 0;
      let refused = 0;
      for (const what of steps) {
        if (what === "enter") {
          const controller = new AbortController();
          waiting.push(controller);
          void limit.acquire(controller.signal).then(
            (release) => {
              waiting.splice(waiting.indexOf(controller), 1);
              inside.push(release);
            },
            (error: unknown) => {
              expect(error).toBe(controller.signal.reason);
              refused += 1;
            },
          );
        }
        if (what === "release") inside.shift()?.();
        if (what === "abort") {
          const last = waiting.pop();
          last?.abort();
          if (last) aborted += 1;
        }
        await new Promise(setImmediate);
        expect(inside.length).toBeLessThanOrEqual(files);
        // No caller waits while a slot is free.
        if (waiting.length > 0) expect(inside).toHaveLength(files);
        expect(refused).toBe(aborted);
      }
    }),
  );
});

test("ConcurrencyLimit grants no slot after an abort, and refuses numbers out of range", async () => {
  const limit = new ConcurrencyLimit(1);
  const reason = new Error("enough");
  await expect(limit.acquire(AbortSignal.abort(reason))).rejects.toBe(reason);
  (await limit.acquire(never))();
  for (const files of [0, -1, 1.5, Number.NaN]) expect(() => new ConcurrencyLimit(files)).toThrow(RangeError);
});
