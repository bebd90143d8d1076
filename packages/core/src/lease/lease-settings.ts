import type { Clock } from "../kit/time.ts";
import type { Observer } from "../observer.ts";
import type { LeaseRegistry } from "./lease-registry.ts";
import type { Schedule } from "./schedule.ts";
import type { SessionCalls } from "./session-calls.ts";

/** What a lease works with. */
export interface LeaseSettings {
  /** That of the client. */
  readonly origin: string;
  readonly calls: SessionCalls;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly leases: LeaseRegistry;
  readonly schedule: Schedule;
}
