import type { CarrelError } from "../errors/carrel-error.ts";
import type { LeaseEnd, LeaseSession } from "./lease-snapshot.ts";
import { renewalDelayMs, nextTryDelayMs, timeLimitMs } from "./renewal-rules.ts";
import type { LiveSession, LeaseContext } from "./renewal-rules.ts";

/** The state of a lease. `SPEC.md` has the table of phases and events. */
export type LeaseState =
  | { readonly phase: "opening" }
  | (LiveSession & { readonly phase: "active" })
  | (LiveSession & {
      readonly phase: "at-risk";
      readonly missed: number;
      readonly since: number;
      readonly cause: CarrelError;
    })
  | { readonly phase: "ended"; readonly how: LeaseEnd }
  | { readonly phase: "lost"; readonly cause: CarrelError };

/** Something that happened. Time and chance are inputs. */
export type LeaseEvent =
  | { readonly type: "opened"; readonly session: LeaseSession; readonly lifeMs: number; readonly sentAtMs: number }
  | { readonly type: "open-failed"; readonly cause: CarrelError }
  /** The time set by the effect `wait` has come, or the machine was asleep. */
  | { readonly type: "due" }
  | { readonly type: "renewed"; readonly sentAtMs: number; readonly expiresAt: Date; readonly percent: number }
  /** `gone`: the server says that the session is over. `unknown`: no answer in time. `retry`: worth another try. */
  | { readonly type: "renewal-failed"; readonly kind: "retry" | "unknown" | "gone"; readonly cause: CarrelError }
  /** The answer to the question: the session is active and ends in `remainingMs` at the earliest. */
  | { readonly type: "found"; readonly session: LeaseSession; readonly remainingMs: number; readonly sentAtMs: number }
  | { readonly type: "question-failed"; readonly kind: "retry" | "gone"; readonly cause: CarrelError }
  | { readonly type: "progress"; readonly percent: number }
  | { readonly type: "dispose"; readonly how: LeaseEnd };

/** Something to do. */
export type LeaseEffect =
  /** Call `due` after a time, in place of any earlier wait. */
  | { readonly type: "wait"; readonly ms: number }
  | { readonly type: "renew"; readonly limitMs: number; readonly percent: number | undefined }
  | { readonly type: "ask"; readonly limitMs: number }
  /** End the session on the server, and whatever is on its way. */
  | { readonly type: "end"; readonly how: LeaseEnd }
  | { readonly type: "lose"; readonly cause: CarrelError };

export interface Transition {
  readonly state: LeaseState;
  readonly effects: readonly LeaseEffect[];
}

/** The lease as a pure function. Events that do not fit the phase change nothing. */
export function transition(state: LeaseState, event: LeaseEvent, context: LeaseContext): Transition {
  if (state.phase === "ended" || state.phase === "lost") return { state, effects: [] };
  if (event.type === "dispose")
    return { state: { phase: "ended", how: event.how }, effects: [{ type: "end", how: event.how }] };
  if (state.phase === "opening") return whileOpening(state, event, context);
  switch (event.type) {
    case "due":
      return state.inFlight === "nothing" ? renew(state, context) : { state, effects: [] };
    case "renewed":
      return state.inFlight === "renewal" ? renewed(state, event, context) : { state, effects: [] };
    case "renewal-failed":
      return state.inFlight === "renewal" ? failed(state, event, context) : { state, effects: [] };
    case "found":
      return state.inFlight === "question" ? found(state, event, context) : { state, effects: [] };
    case "question-failed":
      return state.inFlight === "question" ? failed(state, event, context) : { state, effects: [] };
    case "progress":
      return {
        state: event.percent > state.wantedPercent ? { ...state, wantedPercent: event.percent } : state,
        effects: [],
      };
    case "opened":
    case "open-failed":
      return { state, effects: [] };
    default:
      return event satisfies never;
  }
}

type LiveState = Extract<LeaseState, LiveSession>;

function whileOpening(state: LeaseState, event: LeaseEvent, context: LeaseContext): Transition {
  if (event.type === "open-failed") return lose(event.cause);
  if (event.type !== "opened") return { state, effects: [] };
  const { session, lifeMs, sentAtMs } = event;
  const live: LiveSession = {
    session,
    renewals: 0,
    lifeMs,
    endsAtMs: sentAtMs + lifeMs,
    inFlight: "nothing",
    wantedPercent: session.progressPercent,
  };
  return { state: { phase: "active", ...live }, effects: [{ type: "wait", ms: renewalDelayMs(live, context) }] };
}

function renew(state: LiveState, context: LeaseContext): Transition {
  const percent = state.wantedPercent > state.session.progressPercent ? state.wantedPercent : undefined;
  return {
    state: { ...state, inFlight: "renewal" },
    effects: [{ type: "renew", limitMs: timeLimitMs(state, context), percent }],
  };
}

function renewed(state: LiveState, event: Extract<LeaseEvent, { type: "renewed" }>, context: LeaseContext): Transition {
  const session = {
    ...state.session,
    expiresAt: event.expiresAt,
    progressPercent: Math.max(state.session.progressPercent, event.percent),
  };
  return stayActive(
    { ...liveOf(state), session, renewals: state.renewals + 1, endsAtMs: event.sentAtMs + state.lifeMs },
    context,
  );
}

function found(state: LiveState, event: Extract<LeaseEvent, { type: "found" }>, context: LeaseContext): Transition {
  const live: LiveSession = { ...liveOf(state), session: event.session, endsAtMs: event.sentAtMs + event.remainingMs };
  // Did the renewal that got no answer arrive? Then the server's end has moved away, and all is well.
  if (event.remainingMs > state.lifeMs * (1 - context.renewAt / 2))
    return stayActive({ ...live, renewals: state.renewals + 1 }, context);
  return renew({ ...state, ...live, inFlight: "nothing" }, context);
}

function failed(
  state: LiveState,
  event: Extract<LeaseEvent, { type: "renewal-failed" | "question-failed" }>,
  context: LeaseContext,
): Transition {
  if (event.kind === "gone") return lose(event.cause);
  const missed = (state.phase === "at-risk" ? state.missed : 0) + 1;
  const since = state.phase === "at-risk" ? state.since : context.nowMs;
  // Past the earliest end, and tried for a while after that: it cannot be told from a session that is gone.
  if (context.nowMs >= state.endsAtMs && context.nowMs - since >= state.lifeMs / 3) return lose(event.cause);
  const atRisk: LeaseState = { ...liveOf(state), phase: "at-risk", missed, since, cause: event.cause };
  if (event.kind === "unknown") {
    return {
      state: { ...atRisk, inFlight: "question" },
      effects: [{ type: "ask", limitMs: timeLimitMs(state, context) }],
    };
  }
  return {
    state: { ...atRisk, inFlight: "nothing" },
    effects: [{ type: "wait", ms: nextTryDelayMs(atRisk, missed, context) }],
  };
}

function stayActive(live: LiveSession, context: LeaseContext): Transition {
  const state: LeaseState = { ...live, phase: "active", inFlight: "nothing" };
  return { state, effects: [{ type: "wait", ms: renewalDelayMs(state, context) }] };
}

function lose(cause: CarrelError): Transition {
  return { state: { phase: "lost", cause }, effects: [{ type: "lose", cause }] };
}

function liveOf(state: LiveState): LiveSession {
  const { session, renewals, lifeMs, endsAtMs, inFlight, wantedPercent } = state;
  return { session, renewals, lifeMs, endsAtMs, inFlight, wantedPercent };
}
