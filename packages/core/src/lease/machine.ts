import type { CarrelError } from "../errors/carrel-error.ts";
import type { LeaseEnd, LeaseSession } from "./lease-snapshot.ts";
import { renewalDelayMs, nextTryDelayMs, timeLimitMs } from "./renewal-rules.ts";
import type { LiveSession, TransitionInputs } from "./renewal-rules.ts";

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

/** Something that happened to a lease. */
export type LeaseEvent =
  | { readonly type: "opened"; readonly session: LeaseSession; readonly lifeMs: number; readonly sentAtMs: number }
  | { readonly type: "open-failed"; readonly cause: CarrelError }
  /**
   * The time set by the effect `wait` has come, the machine was asleep, or a call reports that the session has ended.
   */
  | { readonly type: "due" }
  | { readonly type: "renewed"; readonly sentAtMs: number; readonly expiresAt: Date; readonly percent: number }
  /** `gone`: the server says that the session has ended. `unknown`: no answer in time. `retry`: another failure. */
  | { readonly type: "renewal-failed"; readonly kind: "retry" | "unknown" | "gone"; readonly cause: CarrelError }
  /** The answer to the question: the session is active, and ends in `remainingMs` at the earliest. */
  | { readonly type: "found"; readonly session: LeaseSession; readonly remainingMs: number; readonly sentAtMs: number }
  | { readonly type: "question-failed"; readonly kind: "retry" | "gone"; readonly cause: CarrelError }
  | { readonly type: "progress"; readonly percent: number }
  /** The session is being ended without the user of the lease, as when its page is hidden. */
  | { readonly type: "abandoned"; readonly cause: CarrelError }
  | { readonly type: "dispose"; readonly how: LeaseEnd };

/** Something that the driver has to do. */
export type LeaseEffect =
  /** Send the event `due` after a time, instead of any earlier wait. */
  | { readonly type: "wait"; readonly ms: number }
  | { readonly type: "renew"; readonly limitMs: number; readonly percent: number | undefined }
  | { readonly type: "ask"; readonly limitMs: number }
  /** End the session on the server, and abort all requests under way. */
  | { readonly type: "end"; readonly how: LeaseEnd }
  | { readonly type: "lose"; readonly cause: CarrelError };

export interface Transition {
  readonly state: LeaseState;
  readonly effects: readonly LeaseEffect[];
}

/**
 * The lease as a pure function: time and chance are inputs, effects are data. Events that do not fit the phase change
 * nothing.
 */
export function transition(state: LeaseState, event: LeaseEvent, inputs: TransitionInputs): Transition {
  if (state.phase === "ended" || state.phase === "lost") return { state, effects: [] };
  if (event.type === "dispose")
    return { state: { phase: "ended", how: event.how }, effects: [{ type: "end", how: event.how }] };
  if (event.type === "abandoned") return lose(event.cause);
  if (state.phase === "opening") return whileOpening(state, event, inputs);
  switch (event.type) {
    case "due":
      return state.inFlight === "nothing" ? renew(state, inputs) : { state, effects: [] };
    case "renewed":
      return state.inFlight === "renewal" ? renewed(state, event, inputs) : { state, effects: [] };
    case "renewal-failed":
      return state.inFlight === "renewal" ? failed(state, event, inputs) : { state, effects: [] };
    case "found":
      return state.inFlight === "question" ? found(state, event, inputs) : { state, effects: [] };
    case "question-failed":
      return state.inFlight === "question" ? failed(state, event, inputs) : { state, effects: [] };
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

function whileOpening(state: LeaseState, event: LeaseEvent, inputs: TransitionInputs): Transition {
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
  return { state: { phase: "active", ...live }, effects: [{ type: "wait", ms: renewalDelayMs(live, inputs) }] };
}

function renew(state: LiveState, inputs: TransitionInputs): Transition {
  const percent = state.wantedPercent > state.session.progressPercent ? state.wantedPercent : undefined;
  return {
    state: { ...state, inFlight: "renewal" },
    effects: [{ type: "renew", limitMs: timeLimitMs(state, inputs), percent }],
  };
}

function renewed(
  state: LiveState,
  event: Extract<LeaseEvent, { type: "renewed" }>,
  inputs: TransitionInputs,
): Transition {
  const session = {
    ...state.session,
    expiresAt: event.expiresAt,
    progressPercent: Math.max(state.session.progressPercent, event.percent),
  };
  return stayActive(
    { ...liveOf(state), session, renewals: state.renewals + 1, endsAtMs: event.sentAtMs + state.lifeMs },
    inputs,
  );
}

function found(state: LiveState, event: Extract<LeaseEvent, { type: "found" }>, inputs: TransitionInputs): Transition {
  const live: LiveSession = { ...liveOf(state), session: event.session, endsAtMs: event.sentAtMs + event.remainingMs };
  // If the renewal whose answer was lost arrived, the server has moved the end, and the session is renewed.
  if (event.remainingMs > state.lifeMs * (1 - inputs.renewAt / 2))
    return stayActive({ ...live, renewals: state.renewals + 1 }, inputs);
  return renew({ ...state, ...live, inFlight: "nothing" }, inputs);
}

function failed(
  state: LiveState,
  event: Extract<LeaseEvent, { type: "renewal-failed" | "question-failed" }>,
  inputs: TransitionInputs,
): Transition {
  if (event.kind === "gone") return lose(event.cause);
  const missed = (state.phase === "at-risk" ? state.missed : 0) + 1;
  const since = state.phase === "at-risk" ? state.since : inputs.nowMs;
  // Past its earliest end, and after tries for a while, the session cannot be distinguished from one that has ended.
  if (inputs.nowMs >= state.endsAtMs && inputs.nowMs - since >= state.lifeMs / 3) return lose(event.cause);
  const atRisk: LeaseState = { ...liveOf(state), phase: "at-risk", missed, since, cause: event.cause };
  if (event.kind === "unknown") {
    return {
      state: { ...atRisk, inFlight: "question" },
      effects: [{ type: "ask", limitMs: timeLimitMs(state, inputs) }],
    };
  }
  return {
    state: { ...atRisk, inFlight: "nothing" },
    effects: [{ type: "wait", ms: nextTryDelayMs(atRisk, missed, inputs) }],
  };
}

function stayActive(live: LiveSession, inputs: TransitionInputs): Transition {
  const state: LeaseState = { ...live, phase: "active", inFlight: "nothing" };
  return { state, effects: [{ type: "wait", ms: renewalDelayMs(state, inputs) }] };
}

function lose(cause: CarrelError): Transition {
  return { state: { phase: "lost", cause }, effects: [{ type: "lose", cause }] };
}

function liveOf(state: LiveState): LiveSession {
  const { session, renewals, lifeMs, endsAtMs, inFlight, wantedPercent } = state;
  return { session, renewals, lifeMs, endsAtMs, inFlight, wantedPercent };
}
