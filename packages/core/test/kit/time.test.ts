import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { abortable, backOffMs, linked, LinkedAbort, longestMs, parseRetryAfter, sleep } from "../../src/kit.ts";
import { withinTime } from "../../src/kit.ts";
import { manualClock } from "../support/manual-clock.ts";

const reason = new Error("enough");
const listeners = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

describe("sleep", () => {
  test("resolves when its time has come, and leaves no listener", async () => {
    const clock = manualClock();
    const { signal } = new AbortController();
    const slept = sleep(clock, 500, signal);
    expect([clock.pending, listeners(signal)]).toEqual([[500], 1]);
    clock.advance(500);
    await slept;
    expect(listeners(signal)).toBe(0);
  });

  test.each([500, Infinity])("of %d ms rejects with the reason of an abort, and leaves no timer", async (ms) => {
    const clock = manualClock();
    const abort = new AbortController();
    const slept = sleep(clock, ms, abort.signal);
    abort.abort(reason);
    await expect(slept).rejects.toBe(reason);
    await expect(sleep(clock, ms, abort.signal)).rejects.toBe(reason);
    expect(clock.pending).toEqual([]);
  });
});

describe("abortable", () => {
  test("returns the outcome of the work, and leaves no listener", async () => {
    const { signal } = new AbortController();
    expect(await abortable(Promise.resolve(7), signal)).toBe(7);
    await expect(abortable(Promise.reject(reason), signal)).rejects.toBe(reason);
    expect(listeners(signal)).toBe(0);
  });

  test("rejects with the reason of an abort, also where the work fails later", async () => {
    const work = Promise.withResolvers<never>();
    await expect(abortable(work.promise, AbortSignal.abort(reason))).rejects.toBe(reason);
    work.reject(new Error("late"));
  });
});

describe("LinkedAbort", () => {
  test("follows whichever signal aborts first, until it is unlinked", () => {
    const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()];
    {
      using either = new LinkedAbort(first.signal, undefined, second.signal);
      second.abort(reason);
      first.abort(new Error("later"));
      expect(either.signal.reason).toBe(reason);
    }
    expect([listeners(first.signal), listeners(second.signal)]).toEqual([0, 0]);
    const unlinked = new LinkedAbort(third.signal);
    unlinked.unlink();
    third.abort(reason);
    expect(unlinked.signal.aborted).toBe(false);
  });

  test("is aborted from the start where one of the signals is", () => {
    expect(new LinkedAbort(new AbortController().signal, AbortSignal.abort(reason)).signal.reason).toBe(reason);
  });

  test("linked unlinks when the work has ended, also where it fails", async () => {
    const { signal } = new AbortController();
    expect(await linked([signal, undefined], async () => listeners(signal))).toBe(1);
    await expect(linked([signal], () => Promise.reject(reason))).rejects.toBe(reason);
    expect(listeners(signal)).toBe(0);
  });
});

test("withinTime aborts the work with the given reason when its time is up, and leaves no timer", async () => {
  const clock = manualClock();
  const work = withinTime(
    clock,
    500,
    () => reason,
    undefined,
    (signal) => sleep(clock, 900, signal),
  );
  clock.advance(500);
  await expect(work).rejects.toBe(reason);
  expect(
    await withinTime(
      clock,
      500,
      () => reason,
      undefined,
      async () => 7,
    ),
  ).toBe(7);
  expect(clock.pending).toEqual([]);
});

test("backOffMs is a share of a bound that doubles up to the longest", () => {
  const bounds = { firstMs: 250, longestMs: 20_000 };
  expect([1, 2, 3, 7, 8, 5_000].map((failures) => backOffMs(failures, bounds, 1))).toEqual([
    250, 500, 1_000, 16_000, 20_000, 20_000,
  ]);
  expect(backOffMs(2, bounds, 0.5)).toBe(250);
  expect(backOffMs(5_000, { firstMs: 0, longestMs: 20_000 }, 0.5)).toBe(0);
});

describe("parseRetryAfter", () => {
  const date = "Sat, 28 Nov 2026 12:00:00 GMT";
  test.each<[string | undefined, string | undefined, number | undefined]>([
    ["7", undefined, 7_000],
    [" 0 ", date, 0],
    ["99999999999", undefined, longestMs],
    ["Sat, 28 Nov 2026 12:00:30 GMT", date, 30_000],
    ["Sat, 28 Nov 2026 11:59:00 GMT", date, 0],
    // Without the server's clock a date says nothing.
    ["Sat, 28 Nov 2026 12:00:30 GMT", undefined, undefined],
    ["soon", date, undefined],
    ["", date, undefined],
    ["-1", undefined, undefined],
    [undefined, date, undefined],
  ])("reads %j with the date %j as %j ms", (retryAfter, serverDate, expected) => {
    expect(parseRetryAfter(retryAfter, serverDate)).toBe(expected);
  });
});
