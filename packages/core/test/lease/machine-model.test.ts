import fc from "fast-check";
import { test } from "vitest";
import { events } from "../support/lease-samples.ts";
import { LeaseHarness } from "../support/lease-harness.ts";
import type { LeaseEvent } from "../../src/lease/machine.ts";

type Command = fc.Command<object, LeaseHarness>;

/** Time passes; the timer fires if it came due, late if the machine slept. */
class Advance implements Command {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
  check(): boolean {
    return true;
  }
  run(_: object, lease: LeaseHarness): void {
    lease.nowMs += this.ms;
    if (lease.timerAtMs === undefined || lease.timerAtMs > lease.nowMs) return;
    lease.timerAtMs = undefined;
    lease.dispatch({ type: "due" });
  }
  toString(): string {
    return `advance ${this.ms}`;
  }
}

/** An event of any type, whether it fits or not: an answer that is not expected must change nothing. */
class Happen implements Command {
  readonly event: LeaseEvent;
  constructor(event: LeaseEvent) {
    this.event = event;
  }
  check(): boolean {
    return true;
  }
  run(_: object, lease: LeaseHarness): void {
    const { event } = this;
    lease.dispatch("sentAtMs" in event ? { ...event, sentAtMs: lease.nowMs } : event);
  }
  toString(): string {
    return JSON.stringify(this.event);
  }
}

const kind = fc.constantFrom("retry" as const, "unknown" as const, "gone" as const);
const percent = fc.nat(100);
const event: fc.Arbitrary<LeaseEvent> = fc.oneof(
  { weight: 3, arbitrary: percent.map((value): LeaseEvent => ({ ...events.renewed, percent: value })) },
  { weight: 4, arbitrary: kind.map((value): LeaseEvent => ({ ...events["renewal-failed"], kind: value })) },
  { weight: 3, arbitrary: fc.nat(300_000).map((remainingMs): LeaseEvent => ({ ...events.found, remainingMs })) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom("retry" as const, "gone" as const)
      .map((value): LeaseEvent => ({ ...events["question-failed"], kind: value })),
  },
  { weight: 3, arbitrary: percent.map((value): LeaseEvent => ({ type: "progress", percent: value })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<LeaseEvent>(
      events.opened,
      events["open-failed"],
      events.due,
      events.abandoned,
      events.dispose,
    ),
  },
);
const happen = event.map((value) => new Happen(value));
const advance = fc.oneof(fc.nat(120_000), fc.nat(3_600_000)).map((ms) => new Advance(ms));

test("transition keeps every invariant under any interleaving of answers, failures, time jumps, progress and closing", () => {
  fc.assert(
    fc.property(fc.commands([happen, advance], { maxCommands: 60 }), fc.boolean(), (commands, opened) => {
      fc.modelRun(() => {
        const lease = new LeaseHarness();
        if (opened) lease.dispatch({ ...events.opened, sentAtMs: 0 });
        return { model: {}, real: lease };
      }, commands);
    }),
    { numRuns: 2_000 },
  );
});

test("transition loses the lease in the end when there are no more answers, whatever the server did before", () => {
  fc.assert(
    fc.property(
      fc.array(
        kind.filter((value) => value !== "gone"),
        { minLength: 1, maxLength: 5 },
      ),
      (kinds) => {
        const lease = new LeaseHarness();
        lease.dispatch({ ...events.opened, sentAtMs: 0 });
        for (let step = 0; step < 10_000 && lease.losses === 0; step++) {
          if (lease.request) {
            lease.nowMs += lease.request.limitMs;
            const failure = kinds[step % kinds.length] ?? "retry";
            const answer: LeaseEvent =
              lease.request.type === "renew"
                ? { ...events["renewal-failed"], kind: failure }
                : { ...events["question-failed"], kind: "retry" };
            lease.dispatch(answer);
          } else {
            lease.nowMs = Math.max(lease.nowMs, lease.timerAtMs ?? 0);
            lease.timerAtMs = undefined;
            lease.dispatch({ type: "due" });
          }
        }
        return lease.losses === 1 && lease.nowMs < 900_000;
      },
    ),
  );
});
