import type { SessionLostError } from "../errors/session-lost-error.ts";
import type { LeaseSnapshot } from "./lease-snapshot.ts";
import type { LeaseState } from "./machine.ts";

/** What a state shows. The very same snapshot as before where nothing that is shown has changed. */
export function freezeSnapshot(
  state: LeaseState,
  loss: SessionLostError | undefined,
  before: LeaseSnapshot,
): LeaseSnapshot {
  const next = show(state, loss);
  return next && !same(next, before) ? Object.freeze(next) : before;
}

function show(state: LeaseState, loss: SessionLostError | undefined): LeaseSnapshot | undefined {
  switch (state.phase) {
    case "opening":
      return { phase: "opening" };
    case "active":
      return { phase: "active", session: Object.freeze(state.session), renewals: state.renewals };
    case "at-risk":
      return {
        phase: "at-risk",
        session: Object.freeze(state.session),
        renewals: state.renewals,
        missed: state.missed,
        cause: state.cause,
      };
    case "ended":
      return { phase: "ended", how: state.how };
    case "lost":
      return loss && { phase: "lost", cause: loss };
    default:
      return state satisfies never;
  }
}

function same(a: LeaseSnapshot, b: LeaseSnapshot): boolean {
  const left: Readonly<Record<string, unknown>> = a;
  const right: Readonly<Record<string, unknown>> = b;
  return (
    Object.keys(left).length === Object.keys(right).length &&
    Object.keys(left).every((name) => left[name] === right[name])
  );
}
