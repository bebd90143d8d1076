import { SessionLostError, TransportError } from "@carrel/core";
import type { LeaseSnapshot } from "@carrel/core";

type Of<Phase extends LeaseSnapshot["phase"]> = Extract<LeaseSnapshot, { readonly phase: Phase }>;

const expiresAt = new Date("2026-01-01T00:05:00Z");

export const active = (renewals = 0, contentVersion = "1"): Of<"active"> => ({
  phase: "active",
  session: { id: "session-1", itemId: "item-1", contentVersion, progressPercent: 0, expiresAt },
  renewals,
});

export const atRisk = (missed = 1): Of<"at-risk"> => ({
  ...active(),
  phase: "at-risk",
  missed,
  cause: new TransportError("The server was not reached."),
});

export const ended: Of<"ended"> = { phase: "ended", how: "deleted" };
export const loss = new SessionLostError("The session is over.", { cause: new Error("It expired.") });
export const lost: Of<"lost"> = { phase: "lost", cause: loss };
