import { backOffMs } from "../kit/back-off.ts";
import type { LeaseSession } from "./lease-snapshot.ts";

/** A session that may be alive. Times are those of the local monotonic clock, in milliseconds. */
export interface LiveSession {
  readonly session: LeaseSession;
  readonly renewals: number;
  /** The time that the server grants from one renewal to the next. */
  readonly lifeMs: number;
  /** The earliest time at which the session may end: the sending of the last good renewal plus its life. */
  readonly endsAtMs: number;
  /** The one request about the session that may be under way. */
  readonly inFlight: "nothing" | "renewal" | "question";
  /** The progress to send with the next renewal; equal to that of the session when there is nothing new. */
  readonly wantedPercent: number;
}

/** The inputs of a transition besides the event. */
export interface TransitionInputs {
  readonly nowMs: number;
  /** A random number from 0 to below 1. */
  readonly random: number;
  /** The share of the life after which to renew. */
  readonly renewAt: number;
}

/** Renewals are never closer together than this, unless the life is even shorter. */
const floorMs = 1_000;
/** Renewals are never further apart than this, because a granted life has turned out to be shorter in practice. */
const ceilingMs = 120_000;
const firstRetryMs = 500;
const longestRetryMs = 10_000;

/**
 * The time until the next renewal: a share of the life, less a random part of up to a tenth, so that many leases
 * spread.
 */
export function renewalDelayMs(live: LiveSession, inputs: TransitionInputs): number {
  const wanted = Math.min(live.lifeMs * inputs.renewAt, ceilingMs) * (1 - inputs.random / 10);
  const floor = Math.min(floorMs, live.lifeMs / 4);
  return Math.max(0, live.endsAtMs - live.lifeMs - inputs.nowMs + Math.max(floor, wanted));
}

/** The time until the next try after a failure: short, with jitter, and several times within the remaining life. */
export function nextTryDelayMs(live: LiveSession, missed: number, inputs: TransitionInputs): number {
  const remaining = live.endsAtMs - inputs.nowMs;
  const within = remaining > 0 ? remaining / 4 : live.lifeMs / 10;
  const bounds = { firstMs: firstRetryMs, longestMs: Math.min(longestRetryMs, within) };
  return backOffMs(missed, bounds, 0.5 + inputs.random / 2);
}

/**
 * The time limit of one request about the session: a third of the remaining life, or of the whole life when none
 * remains.
 */
export function timeLimitMs(live: LiveSession, inputs: TransitionInputs): number {
  const remaining = live.endsAtMs - inputs.nowMs;
  return Math.max(floorMs, (remaining > 0 ? remaining : live.lifeMs) / 3);
}
