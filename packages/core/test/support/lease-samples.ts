import { TransportError } from "../../src/index.ts";
import type { LeaseSession } from "../../src/index.ts";
import type { LiveSession, TransitionInputs } from "../../src/lease/renewal-rules.ts";
import type { LeaseEvent, LeaseState } from "../../src/lease/machine.ts";

const cause = new TransportError("broken");

const session: LeaseSession = {
  id: "s:1",
  itemId: "i",
  contentVersion: "1",
  progressPercent: 0,
  expiresAt: new Date("2026-01-01T00:05:00Z"),
};

export const context: TransitionInputs = { nowMs: 100_000, random: 0, renewAt: 1 / 3 };

/** One event of each type. */
export const events: { readonly [Type in LeaseEvent["type"]]: Extract<LeaseEvent, { type: Type }> } = {
  opened: { type: "opened", session, lifeMs: 300_000, sentAtMs: 0 },
  "open-failed": { type: "open-failed", cause },
  due: { type: "due" },
  renewed: { type: "renewed", sentAtMs: 100_000, expiresAt: new Date("2026-01-01T00:06:40Z"), percent: 0 },
  "renewal-failed": { type: "renewal-failed", kind: "retry", cause },
  found: { type: "found", session, remainingMs: 290_000, sentAtMs: 100_000 },
  "question-failed": { type: "question-failed", kind: "retry", cause },
  progress: { type: "progress", percent: 10 },
  abandoned: { type: "abandoned", cause },
  dispose: { type: "dispose", how: "deleted" },
};

/** One state of each phase, with what an event of the given type answers on its way. */
export function states(type: LeaseEvent["type"]): {
  readonly [Phase in LeaseState["phase"]]: Extract<LeaseState, { phase: Phase }>;
} {
  const held: LiveSession = {
    session,
    renewals: 0,
    lifeMs: 300_000,
    endsAtMs: 300_000,
    inFlight: answeredBy(type),
    wantedPercent: 0,
  };
  return {
    opening: { phase: "opening" },
    active: { phase: "active", ...held },
    "at-risk": { phase: "at-risk", ...held, missed: 1, since: 100_000, cause },
    ended: { phase: "ended", how: "deleted" },
    lost: { phase: "lost", cause },
  };
}

function answeredBy(type: LeaseEvent["type"]): LiveSession["inFlight"] {
  if (type === "renewed" || type === "renewal-failed") return "renewal";
  return type === "found" || type === "question-failed" ? "question" : "nothing";
}
