import type { LeaseSession } from "./lease-snapshot.ts";

/** What holds while there is a session. Times are the local monotonic clock's, in milliseconds. */
export interface Held {
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
