import type { DownloadLease, LeaseSnapshot } from "@carrel/core";

/** The phases in which the session is usable. */
type Held = Extract<LeaseSnapshot, { readonly phase: "active" | "at-risk" }>;

/** A snapshot of a session that is usable, with its lease: `snapshot.lease.reportProgress(40)`. */
export type HeldSnapshot = Held & {
  /** The lease. All subscribers share it: closing it ends the session for all of them. */
  readonly lease: DownloadLease;
};

/** What {@link session$} emits: the snapshots of core, in the phases `active` and `at-risk` together with the lease. */
export type SessionSnapshot = Exclude<LeaseSnapshot, Held> | HeldSnapshot;

/** Whether the session is usable, that is in one of the phases `active` and `at-risk`. */
export function isHeld<T extends LeaseSnapshot>(
  snapshot: T,
): snapshot is Extract<T, { readonly phase: "active" | "at-risk" }> {
  return snapshot.phase === "active" || snapshot.phase === "at-risk";
}
