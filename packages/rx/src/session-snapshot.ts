import type { DownloadLease, LeaseSnapshot } from "@carrel/core";

/** The phases in which there is a session to work with. */
type Held = Extract<LeaseSnapshot, { readonly phase: "active" | "at-risk" }>;

/** A snapshot of a session that is held, with its lease: `snapshot.lease.reportProgress(40)`. */
export type HeldSnapshot = Held & {
  /** The lease itself. Shared by all subscribers: whoever disposes it ends the session for all. */
  readonly lease: DownloadLease;
};

/** What {@link session$} emits: core's snapshots, and in the phases `active` and `at-risk` the lease with them. */
export type SessionSnapshot = Exclude<LeaseSnapshot, Held> | HeldSnapshot;

/** Whether there is a session to work with. Narrows to whatever the union has for these phases. */
export function isHeld<T extends LeaseSnapshot>(
  snapshot: T,
): snapshot is Extract<T, { readonly phase: "active" | "at-risk" }> {
  return snapshot.phase === "active" || snapshot.phase === "at-risk";
}
