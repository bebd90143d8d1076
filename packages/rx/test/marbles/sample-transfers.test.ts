import type { DownloadEvent } from "@carrel/core";
import { expect, test } from "vitest";
import { sampleTransfers } from "../../src/index.ts";
import { marbles } from "../support/marbles.ts";

const transferring = (file: string, receivedBytes: number): DownloadEvent => ({
  type: "transferring",
  file,
  receivedBytes,
  bytesPerSecond: 1,
});
const events: Record<string, DownloadEvent> = {
  1: transferring("a.iso", 1),
  2: transferring("a.iso", 2),
  3: transferring("a.iso", 3),
  4: transferring("a.iso", 4),
  b: transferring("b.iso", 1),
  c: transferring("b.iso", 2),
  p: { type: "preparing", file: "b.iso", preparedBytes: 0 },
  r: { type: "resumed", file: "a.iso", fromByte: 2 },
  v: { type: "finished", file: "a.iso", verifiedBy: "checksum", sizeBytes: 4 },
  d: { type: "done", files: 2, receivedBytes: 6, durationMs: 9 },
};

test("sampleTransfers emits the last event of each period, and begins the next period with the next event", () => {
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold("1-2-3-----4----", events).pipe(sampleTransfers(5))).toBe("-----3---------4", events);
    expectObservable(cold("123412341234---", events).pipe(sampleTransfers(5))).toBe("-----2-----4----", events);
  });
});

test("sampleTransfers has periods of its own for each file", () => {
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold("1-b-2-c---|", events).pipe(sampleTransfers(6))).toBe("------2-c-|", events);
  });
});

test("sampleTransfers emits all other events at once, after the event of that file that was held back", () => {
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold("1-p-2----", events).pipe(sampleTransfers(6))).toBe("--p---2---", events);
    expectObservable(cold("1-2r---3----------", events).pipe(sampleTransfers(6))).toBe("---(2r)------3----", events);
    expectObservable(cold("1b2-v-----", events).pipe(sampleTransfers(7))).toBe("----(2v)b", events);
  });
});

test("sampleTransfers does not end a period by the timer of one that was cut short", () => {
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold("1r2-3----", events).pipe(sampleTransfers(6))).toBe("-(1r)---3", events);
  });
});

test("sampleTransfers emits events that are held back before done, completion and errors", () => {
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold("1-b-2-(d|)", events).pipe(sampleTransfers(20))).toBe("------(2bd|)", events);
    expectObservable(cold("1-b-2-|", events).pipe(sampleTransfers(20))).toBe("------(2b|)", events);
    expectObservable(cold("1-b-2-#", events).pipe(sampleTransfers(20))).toBe("------(2b#)", events);
  });
});

test("sampleTransfers drops events that are held back when unsubscribed", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold("1-2---", events);
    expectObservable(source.pipe(sampleTransfers(5)), "^---!").toBe("-----");
    expectSubscriptions(source.subscriptions).toBe("^---!");
  });
  expect.assertions(2);
});

test("sampleTransfers has a period of 250 ms by default", () => {
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold("1 100ms 2", events).pipe(sampleTransfers())).toBe("250ms 2", events);
  });
});
