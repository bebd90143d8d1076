import { expect } from "vitest";
import { transition } from "../../src/lease/machine.ts";
import type { LeaseEffect, LeaseEvent, LeaseState } from "../../src/lease/machine.ts";

type Request = Extract<LeaseEffect, { type: "renew" | "ask" }>;

/** Runs the machine as a driver would, without a server, and checks the invariants of SPEC.md after each event. */
export class LeaseHarness {
  state: LeaseState = { phase: "opening" };
  nowMs = 0;
  request: Request | undefined;
  timerAtMs: number | undefined;
  ends = 0;
  losses = 0;
  sentPercents: number[] = [];

  dispatch(event: LeaseEvent, random = 0.5): void {
    const before = this.state;
    const { state, effects } = transition(before, event, { nowMs: this.nowMs, random, renewAt: 1 / 3 });
    if ("inFlight" in before && isAnswer(event, this.request)) this.request = undefined;
    this.state = state;
    for (const effect of effects) this.apply(effect);
    this.check(before, event, effects);
  }

  private apply(effect: LeaseEffect): void {
    switch (effect.type) {
      case "wait":
        this.timerAtMs = this.nowMs + effect.ms;
        return;
      case "renew":
      case "ask":
        expect(this.request, "I1: one request at a time").toBeUndefined();
        this.request = effect;
        this.timerAtMs = undefined;
        if (effect.type === "renew" && effect.percent !== undefined) this.sentPercents.push(effect.percent);
        return;
      case "end":
        this.ends += 1;
        this.timerAtMs = undefined;
        return;
      case "lose":
        this.losses += 1;
        this.timerAtMs = undefined;
        return;
      default:
        effect satisfies never;
    }
  }

  private check(before: LeaseState, event: LeaseEvent, effects: readonly LeaseEffect[]): void {
    const { state } = this;
    if (before.phase === "ended" || before.phase === "lost") {
      expect(state, "I2: over is over").toBe(before);
      expect(effects, "I2: over is over").toEqual([]);
      return;
    }
    expect(this.ends + this.losses, "I3: one end").toBe(state.phase === "ended" || state.phase === "lost" ? 1 : 0);
    if (event.type === "dispose") expect(state.phase, "I4: disposal ends").toBe("ended");
    if (!("inFlight" in state)) {
      if (state.phase === "lost" && "inFlight" in before && "kind" in event && event.kind !== "gone") {
        expect(this.nowMs, "I5: no loss within the life").toBeGreaterThanOrEqual(before.endsAtMs);
      }
      return;
    }
    const waiting = this.timerAtMs !== undefined;
    const asking = this.request !== undefined;
    expect(waiting !== asking, "I6: something will happen, and one thing only").toBe(true);
    expect(state.inFlight !== "nothing", "I1: the state knows of the request").toBe(asking);
    if (!("inFlight" in before)) return;
    if (event.type === "renewed" && before.inFlight === "renewal") {
      expect(state.endsAtMs, "I7: the end counts from the sending").toBe(event.sentAtMs + before.lifeMs);
    }
    if (event.type !== "renewed" && event.type !== "found")
      expect(state.endsAtMs, "I7: only the server's word moves the end").toBe(before.endsAtMs);
    expect(state.session.progressPercent, "I8: progress never falls").toBeGreaterThanOrEqual(
      event.type === "found" ? 0 : before.session.progressPercent,
    );
    expect(state.wantedPercent, "I8: progress never falls").toBeGreaterThanOrEqual(before.wantedPercent);
    expect(state.renewals - before.renewals, "I9: each renewal is counted once").toBeLessThanOrEqual(1);
    if (this.request)
      expect(this.request.limitMs, "I10: a limit of its own").toBeLessThanOrEqual(Math.max(1_000, state.lifeMs / 3));
    if (state.phase === "active" && this.timerAtMs !== undefined && effects.length > 0) {
      expect(this.timerAtMs, "I11: renewed within the life").toBeLessThan(Math.max(state.endsAtMs, this.nowMs + 1));
    }
  }
}

function isAnswer(event: LeaseEvent, request: Request | undefined): boolean {
  if (event.type === "renewed" || event.type === "renewal-failed") return request?.type === "renew";
  return (event.type === "found" || event.type === "question-failed") && request?.type === "ask";
}
