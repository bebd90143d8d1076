import type { LeaseOptions } from "@carrel/core";

/** Options of {@link session$}. */
export interface SessionStreamOptions extends Omit<LeaseOptions, "signal"> {
  /**
   * Holds the session this long after the last unsubscribe, in milliseconds, so that a re-render keeps it. 0 ends it at
   * once. Where subscribers of one session ask for different times, the longest counts.
   * @defaultValue 2_000
   */
  readonly lingerMs?: number;
}
