import type { DownloadEvent } from "@carrel/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ProgressMeter } from "../../src/transfer/progress-meter.ts";

type Transferring = Extract<DownloadEvent, { readonly type: "transferring" }>;

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

function start(startByte = 0): { readonly meter: ProgressMeter; readonly told: Transferring[] } {
  const told: Transferring[] = [];
  const emit = (event: DownloadEvent): void => void told.push(event as Transferring);
  return { meter: new ProgressMeter({ file: "a", totalBytes: () => 100_000, startByte, intervalMs: 100, emit }), told };
}

test("ProgressMeter leaves the wait for the first byte out of the rate", () => {
  const { meter, told } = start();
  vi.advanceTimersByTime(10_000);
  meter.add(1_000);
  for (let index = 0; index < 10; index++) {
    vi.advanceTimersByTime(100);
    meter.add(1_000);
  }
  expect(told.slice(1).map(({ bytesPerSecond }) => bytesPerSecond)).toEqual(Array.from({ length: 10 }, () => 10_000));
  expect(told.at(-1)).toMatchObject({ receivedBytes: 11_000, totalBytes: 100_000, etaMs: 8_900 });
});

test("ProgressMeter gives a burst no more weight than the time that it took", () => {
  const { meter, told } = start();
  meter.add(1);
  vi.advanceTimersByTime(100);
  meter.add(20_000);
  vi.advanceTimersByTime(900);
  meter.add(9_000);
  expect(told.at(-1)?.bytesPerSecond).toBeLessThan(25_000);
  expect(told.at(-1)?.bytesPerSecond).toBeGreaterThan(24_000);
});

test("ProgressMeter reports the first bytes at once, the last ones at the end, and nothing twice", () => {
  const { meter, told } = start(50_000);
  vi.advanceTimersByTime(20);
  meter.add(1_000);
  vi.advanceTimersByTime(20);
  meter.add(1_000);
  meter.finish();
  meter.finish();
  expect(told.map(({ receivedBytes }) => receivedBytes)).toEqual([51_000, 52_000]);
});
