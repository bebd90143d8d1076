import type { CarrelError } from "../errors/carrel-error.ts";
import type { SessionLostError } from "../errors/session-errors.ts";

/** What is known of the session that a lease holds. */
export interface LeaseSession {
  /** Identifier of the download session. */
  readonly id: string;
  readonly itemId: string;
  /** The item's content version when the session was created. */
  readonly contentVersion: string;
  /** Progress that was reported to the server, 0 to 100. */
  readonly progressPercent: number;
  /** The earliest time at which the server may end the session, by the server's clock. */
  readonly expiresAt: Date;
}

/** How a lease of ours ended. */
export type LeaseEnd = "deleted" | "cancelled" | "kept";

/**
 * Everything a screen needs to know of a lease. Frozen, replaced on each change, never mutated.
 *
 * - `opening`: the session is being created or adopted.
 * - `active`: the session is alive; `renewals` counts the keep-alives that were confirmed.
 * - `at-risk`: the last renewals failed (`missed` of them), the session may still be alive, and we try on.
 * - `ended`: we ended it, as asked.
 * - `lost`: it is over and we did not end it.
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
