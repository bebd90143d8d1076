import fc from "fast-check";
import { expect, test } from "vitest";
import { createSchedule } from "../../src/lease/schedule.ts";
import { manualClock } from "../support/manual-clock.ts";

test("createSchedule calls back in the order of times, with one timer, and without one when nothing waits", () => {
  const clock = manualClock();
  const schedule = createSchedule(clock);
  const called: number[] = [];
  for (const ms of [9_000, 2_000, 7_000]) schedule.after(ms, () => called.push(ms));
  expect(clock.pending).toHaveLength(1);
  clock.advance(8_000);
  expect(called).toEqual([2_000, 7_000]);
  clock.advance(1_000);
  expect(called).toEqual([2_000, 7_000, 9_000]);
  expect(clock.pending).toEqual([]);
});

test("createSchedule calls back at the right time for any set of times and cancellations", () => {
  const step = fc.record({ ms: fc.nat(60_000), cancel: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const clock = manualClock();
      const schedule = createSchedule(clock);
      const called: { readonly ms: number; readonly at: number }[] = [];
      const cancels = steps.map(({ ms }) => schedule.after(ms, () => called.push({ ms, at: clock.now() })));
      steps.forEach(({ cancel }, index) => cancel && cancels[index]?.());
      clock.advance(60_000);
      const expected = steps
        .filter((each) => !each.cancel)
        .map((each) => each.ms)
        .toSorted((a, b) => a - b);
      expect(called.map((each) => each.ms)).toEqual(expected);
      for (const each of called) expect(each.at).toBe(each.ms);
      expect(clock.pending).toEqual([]);
    }),
  );
});

test("createSchedule calls everything back once, within seconds, after the machine was asleep", () => {
  const clock = manualClock();
  const schedule = createSchedule(clock);
  let called = 0;
  schedule.after(95_000, () => (called += 1));
  clock.advance(20_000);
  expect(called).toBe(0);
  clock.sleepMachine(1_800_000);
  clock.advance(5_000);
  expect(called).toBe(1);
  clock.advance(200_000);
  expect(called).toBe(1);
});

test("createSchedule accepts new entries in a callback", () => {
  const clock = manualClock();
  const schedule = createSchedule(clock);
  const called: number[] = [];
  schedule.after(1_000, () => {
    called.push(clock.now());
    schedule.after(1_000, () => called.push(clock.now()));
  });
  clock.advance(2_000);
  expect(called).toEqual([1_000, 2_000]);
});
