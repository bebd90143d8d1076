import { getEventListeners } from "node:events";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { Slots } from "../../src/kit.ts";

const never = new AbortController().signal;

test("Slots lets as many callers work at once as it has slots, the others in the order they came", async () => {
  const slots = new Slots(2);
  const order: string[] = [];
  const enter = async (name: string): Promise<() => void> => {
    const release = await slots.acquire(never);
    order.push(name);
    return release;
  };
  const [a, b, c, d] = [enter("a"), enter("b"), enter("c"), enter("d")];
  await Promise.all([a, b]);
  await setImmediate();
  expect(order).toEqual(["a", "b"]);
  (await b)();
  (await c)();
  await d;
  expect(order).toEqual(["a", "b", "c", "d"]);
  (await a)();
  (await d)();
});

test("Slots passes a released slot on to the first in line, and not to a caller that comes later", async () => {
  const slots = new Slots(1);
  const order: string[] = [];
  const first = await slots.acquire(never);
  const waiting = slots.acquire(never).then((release) => {
    order.push("waiting");
    release();
  });
  first();
  const later = slots.acquire(never).then((release) => {
    order.push("later");
    release();
  });
  await Promise.all([waiting, later]);
  expect(order).toEqual(["waiting", "later"]);
});

test("Slots releases a slot once, however often release is called", async () => {
  const slots = new Slots(1);
  const release = await slots.acquire(never);
  release();
  release();
  await slots.acquire(never);
  const abort = new AbortController();
  const second = slots.acquire(abort.signal);
  abort.abort(new Error("enough"));
  await expect(second).rejects.toThrow("enough");
});

test("Slots rejects with the reason of an abort, keeps no place in line and no listener", async () => {
  const slots = new Slots(1);
  const release = await slots.acquire(never);
  const abort = new AbortController();
  const reason = new Error("enough");
  const waiting = slots.acquire(abort.signal);
  abort.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(slots.acquire(abort.signal)).rejects.toBe(reason);
  expect(getEventListeners(abort.signal, "abort")).toHaveLength(0);
  release();
  (await slots.acquire(never))();
});

test.each([0, 1.5, Number.NaN])("Slots refuses a count of %d", (count) => {
  expect(() => new Slots(count, "concurrency")).toThrow(
    new RangeError(`concurrency must be a whole number of at least 1: got ${count}`),
  );
});
