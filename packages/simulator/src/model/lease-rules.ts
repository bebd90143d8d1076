import type { OperationId } from "@carrel/core/internal";

/** What may put off the end of a download session: an operation on it, or bytes that flow from its transfer URLs. */
export type Activity = Extract<OperationId, `downloadSession.${string}`> | "transfer";

/** How long download sessions live. */
export interface LeaseRules {
  /**
   * Time without activity after which a session expires.
   * @defaultValue 300_000
   */
  readonly lifeMs?: number;
  /**
   * What counts as activity. `downloadSession.list` counts for the sessions that it lists.
   * @defaultValue every operation on the session; bytes do not count
   */
  readonly activity?: readonly Activity[];
  /**
   * How long an expired session can still be seen, in the state `expiredState`, before it is gone.
   * @defaultValue 0
   */
  readonly cleanUpDelayMs?: number;
  /** @defaultValue "ERROR" */
  readonly expiredState?: "ERROR" | "CANCELED";
}

const everyOperation: readonly Activity[] = [
  "downloadSession.list",
  "downloadSession.get",
  "downloadSession.keepAlive",
  "downloadSession.file.list",
  "downloadSession.file.get",
  "downloadSession.file.prepare",
];

/** The rules with their defaults filled in. */
export function leaseRules(rules: LeaseRules): Required<LeaseRules> {
  return { lifeMs: 300_000, activity: everyOperation, cleanUpDelayMs: 0, expiredState: "ERROR", ...rules };
}
