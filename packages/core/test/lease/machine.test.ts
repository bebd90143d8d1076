import { describe, expect, test } from "vitest";
import { transition } from "../../src/lease/machine.ts";
import type { LeaseEffect, LeaseEvent, LeaseState } from "../../src/lease/machine.ts";
import { context, events, states } from "../support/lease-samples.ts";

type Phase = LeaseState["phase"];
type EventType = LeaseEvent["type"];
/** The phase that follows, and the effects, in order. */
type Row = Record<EventType, readonly [Phase, ...LeaseEffect["type"][]]>;

/** The table of SPEC.md. The compiler demands every cell. */
const table: Record<Phase, Row> = {
  opening: {
    opened: ["active", "wait"],
    "open-failed": ["lost", "lose"],
    due: ["opening"],
    renewed: ["opening"],
    "renewal-failed": ["opening"],
    found: ["opening"],
    "question-failed": ["opening"],
    progress: ["opening"],
    abandoned: ["lost", "lose"],
    dispose: ["ended", "end"],
  },
  active: {
    opened: ["active"],
    "open-failed": ["active"],
    due: ["active", "renew"],
    renewed: ["active", "wait"],
    "renewal-failed": ["at-risk", "wait"],
    found: ["active", "wait"],
    "question-failed": ["at-risk", "wait"],
    progress: ["active"],
    abandoned: ["lost", "lose"],
    dispose: ["ended", "end"],
  },
  "at-risk": {
    opened: ["at-risk"],
    "open-failed": ["at-risk"],
    due: ["at-risk", "renew"],
    renewed: ["active", "wait"],
    "renewal-failed": ["at-risk", "wait"],
    found: ["active", "wait"],
    "question-failed": ["at-risk", "wait"],
    progress: ["at-risk"],
    abandoned: ["lost", "lose"],
    dispose: ["ended", "end"],
  },
  ended: {
    opened: ["ended"],
    "open-failed": ["ended"],
    due: ["ended"],
    renewed: ["ended"],
    "renewal-failed": ["ended"],
    found: ["ended"],
    "question-failed": ["ended"],
    progress: ["ended"],
    abandoned: ["ended"],
    dispose: ["ended"],
  },
  lost: {
    opened: ["lost"],
    "open-failed": ["lost"],
    due: ["lost"],
    renewed: ["lost"],
    "renewal-failed": ["lost"],
    found: ["lost"],
    "question-failed": ["lost"],
    progress: ["lost"],
    abandoned: ["lost"],
    dispose: ["lost"],
  },
};

const cells = (Object.keys(table) as Phase[]).flatMap((phase) =>
  (Object.keys(table[phase]) as EventType[]).map((type) => ({ phase, type, cell: table[phase][type] })),
);

describe("the table of phases and events", () => {
  test.each(cells)("$phase + $type", ({ phase, type, cell: [next, ...effects] }) => {
    const result = transition(states(type)[phase], events[type], context);
    expect(result.state.phase).toBe(next);
    expect(result.effects.map((effect) => effect.type)).toEqual(effects);
  });
});

describe("a renewal", () => {
  const active = states("due").active;

  test("is due after a third of the life, less a random part of up to a tenth", () => {
    for (const [random, ms] of [
      [0, 100_000],
      [0.5, 95_000],
    ] as const) {
      const { effects } = transition({ phase: "opening" }, events.opened, { ...context, nowMs: 0, random });
      expect(effects).toEqual([{ type: "wait", ms }]);
    }
  });

  test("is timed from the sending of the last confirmed one, not from its answer", () => {
    const { state, effects } = transition(
      states("renewed").active,
      { ...events.renewed, sentAtMs: 100_000 },
      { ...context, nowMs: 104_000, random: 0 },
    );
    expect(state).toMatchObject({ endsAtMs: 400_000, renewals: 1 });
    expect(effects).toEqual([{ type: "wait", ms: 96_000 }]);
  });

  test("is not started while another request is under way", () => {
    const busy: LeaseState = { ...active, inFlight: "renewal" };
    expect(transition(busy, { type: "due" }, context)).toEqual({ state: busy, effects: [] });
  });

  test("has at most a third of the remaining life", () => {
    expect(transition(active, { type: "due" }, { ...context, nowMs: 100_000 }).effects).toEqual([
      { type: "renew", limitMs: 200_000 / 3, percent: undefined },
    ]);
  });

  test("carries progress only when it has increased", () => {
    const grown = transition(active, { type: "progress", percent: 40 }, context).state;
    expect(transition(grown, { type: "due" }, context).effects[0]).toMatchObject({ percent: 40 });
    const sent = transition(
      transition(grown, { type: "due" }, context).state,
      { ...events.renewed, percent: 40 },
      context,
    ).state;
    expect(transition(sent, { type: "progress", percent: 40 }, context).state).toBe(sent);
    expect(transition(sent, { type: "progress", percent: 30 }, context).state).toBe(sent);
    expect(transition(sent, { type: "due" }, context).effects[0]).toMatchObject({ percent: undefined });
  });

  test("that got no answer is followed by a question, not by a loss", () => {
    const result = transition(
      states("renewal-failed").active,
      { ...events["renewal-failed"], kind: "unknown" },
      context,
    );
    expect(result.state.phase).toBe("at-risk");
    expect(result.effects.map((effect) => effect.type)).toEqual(["ask"]);
  });

  test("that turns out not to have arrived is sent again at once", () => {
    const result = transition(states("found")["at-risk"], { ...events.found, remainingMs: 150_000 }, context);
    expect(result.effects.map((effect) => effect.type)).toEqual(["renew"]);
  });

  test("happens exactly once after the machine was asleep for half an hour", () => {
    const later = { ...context, nowMs: 1_800_000 };
    const woken = transition(active, { type: "due" }, later);
    expect(woken.effects).toEqual([{ type: "renew", limitMs: 100_000, percent: undefined }]);
    expect(transition(woken.state, { type: "due" }, later).effects).toEqual([]);
    expect(transition(woken.state, { ...events["renewal-failed"], kind: "gone" }, later).state.phase).toBe("lost");
    expect(transition(woken.state, { ...events.renewed, sentAtMs: 1_800_000 }, later).state.phase).toBe("active");
  });
});

describe("a loss", () => {
  test("happens at once where the server says that the session has ended", () => {
    for (const type of ["renewal-failed", "question-failed"] as const) {
      const result = transition(states(type).active, { ...events[type], kind: "gone" }, context);
      expect(result.state.phase).toBe("lost");
      expect(result.effects).toEqual([{ type: "lose", cause: events[type].cause }]);
    }
  });

  test("happens when the life has passed and every try for a third of it has failed", () => {
    const atRisk = states("renewal-failed")["at-risk"];
    const failure = { ...events["renewal-failed"], kind: "retry" } as const;
    expect(transition(atRisk, failure, { ...context, nowMs: 299_999 }).state.phase).toBe("at-risk");
    expect(transition({ ...atRisk, since: 290_000 }, failure, { ...context, nowMs: 301_000 }).state.phase).toBe(
      "at-risk",
    );
    expect(transition({ ...atRisk, since: 190_000 }, failure, { ...context, nowMs: 301_000 }).state.phase).toBe("lost");
  });
});
