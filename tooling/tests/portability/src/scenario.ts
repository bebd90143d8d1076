import type { WireStyle } from "@carrel/core";
import { edges } from "./edges.ts";
import { downloadItemFile, leaseRenewsItself, leaseWithoutDate } from "./download.ts";
import { observeSession } from "./observe-session.ts";
import type { Target } from "./target.ts";

/** Something that must work on every platform. Written for the web platform's APIs alone. */
export interface Scenario {
  readonly name: string;
  readonly run: (target: Target, wire: WireStyle) => Promise<void>;
}

/** All of them, each short. */
export const scenarios: readonly Scenario[] = [
  { name: "downloads a file within a lease, and leaves nothing behind", run: downloadItemFile },
  { name: "renews a lease by itself", run: leaseRenewsItself },
  { name: "holds a lease where the Date header is hidden", run: leaseWithoutDate },
  { name: "observes a session", run: observeSession },
  ...edges,
];
