import type { CarrelError } from "../errors/carrel-error.ts";
import type { SessionLostError } from "../errors/session-errors.ts";

/** The session of a lease. */
export interface LeaseSession {
  /** The identifier of the download session. */
  readonly id: string;
  readonly itemId: string;
  /** The content version of the item when the session was created. */
  readonly contentVersion: string;
  /** The progress that was reported to the server, 0 to 100. */
  readonly progressPercent: number;
  /** The earliest time at which the server may end the session, by the server's clock. */
  readonly expiresAt: Date;
}

/** How the session of a closed lease was ended. */
export type LeaseEnd = "deleted" | "cancelled" | "kept";

/**
 * The state of a lease, as a screen shows it. Frozen and replaced at each change, never changed in place.
 *
 * - `opening`: the session is being created or adopted.
 * - `active`: the session is alive; `renewals` counts the confirmed keep-alives.
 * - `at-risk`: the last `missed` renewals failed with `cause`. The session may still be alive, and is tried again.
 * - `ended`: the lease was closed; `how` says what happened to the session.
 * - `lost`: the session has ended, but not by closing the lease.
 */
export type LeaseSnapshot =
  | { readonly phase: "opening" }
  | { readonly phase: "active"; readonly session: LeaseSession; readonly renewals: number }
  | {
      readonly phase: "at-risk";
      readonly session: LeaseSession;
      readonly renewals: number;
      readonly missed: number;
      readonly cause: CarrelError;
    }
  | { readonly phase: "ended"; readonly how: LeaseEnd }
  | { readonly phase: "lost"; readonly cause: SessionLostError };
