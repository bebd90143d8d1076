import { edges } from "./edges.ts";
import { downloadItemFile, leaseRenewsItself, leaseWithoutDate } from "./download.ts";
import { observeSession } from "./observe-session.ts";
import type { Scenario } from "./test-server.ts";

/** All of them, each short. */
export const scenarios: readonly Scenario[] = [
  { name: "downloads a file within a lease, and leaves nothing behind", run: downloadItemFile },
  { name: "renews a lease by itself", run: leaseRenewsItself },
  { name: "holds a lease where the Date header is hidden", run: leaseWithoutDate },
  { name: "observes a session", run: observeSession },
  ...edges,
];
