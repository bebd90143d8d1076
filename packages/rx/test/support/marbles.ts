import { expect } from "vitest";
import { TestScheduler } from "rxjs/testing";
import type { RunHelpers } from "rxjs/testing";

/** Runs a test in virtual time: one frame of a marble diagram is one millisecond. */
export function marbles(test: (helpers: RunHelpers) => void): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(test);
}
