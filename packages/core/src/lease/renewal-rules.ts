import { backOffMs } from "../kit/back-off.ts";
import type { LeaseSession } from "./lease-snapshot.ts";

/** What holds while there is a session. Times are the local monotonic clock's, in milliseconds. */
export interface LiveSession {
  readonly session: LeaseSession;
  readonly renewals: number;
  /** How long the server grants from one renewal to the next. */
  readonly lifeMs: number;
  /** The earliest time at which the session may end: the sending of the last good renewal plus its life. */
  readonly endsAtMs: number;
  /** At most one request about the session is on its way. */
  readonly inFlight: "nothing" | "renewal" | "question";
  /** Progress to send with the next renewal; equal to the session's when there is nothing new. */
  readonly wantedPercent: number;
}

/** What surrounds a transition. */
export interface LeaseContext {
  readonly nowMs: number;
  /** A random number from 0 to below 1. */
  readonly random: number;
  /** Share of the life after which to renew. */
  readonly renewAt: number;
}

/** Renewals are never closer than this, unless the life is shorter still. */
const floorMs = 1_000;
/** Nor further apart than this, however long the life: an advertised life has turned out shorter in practice. */
const ceilingMs = 120_000;
const firstRetryMs = 500;
const longestRetryMs = 10_000;

/** When to renew: at a share of the life, less a random part of up to a tenth, so that many leases spread. */
export function renewalDelayMs(live: LiveSession, context: LeaseContext): number {
  const wanted = Math.min(live.lifeMs * context.renewAt, ceilingMs) * (1 - context.random / 10);
  const floor = Math.min(floorMs, live.lifeMs / 4);
  return Math.max(0, live.endsAtMs - live.lifeMs - context.nowMs + Math.max(floor, wanted));
}

/** When to try again after a failure: soon, with jitter, and several times within the life that remains. */
export function nextTryDelayMs(live: LiveSession, missed: number, context: LeaseContext): number {
  const remaining = live.endsAtMs - context.nowMs;
  const within = remaining > 0 ? remaining / 4 : live.lifeMs / 10;
  const bounds = { firstMs: firstRetryMs, longestMs: Math.min(longestRetryMs, within) };
  return backOffMs(missed, bounds, 0.5 + context.random / 2);
}

/** Time limit of one request about the session: a third of the life that remains, or of the whole when it is over. */
export function timeLimitMs(live: LiveSession, context: LeaseContext): number {
  const remaining = live.endsAtMs - context.nowMs;
  return Math.max(floorMs, (remaining > 0 ? remaining : live.lifeMs) / 3);
}
