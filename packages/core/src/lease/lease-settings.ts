import type { Observer } from "../diagnostics.ts";
import type { Clock } from "../kit/time.ts";
import type { Schedule } from "./schedule.ts";
import type { SessionCalls } from "./session-calls.ts";

/** The parts of a client that a lease uses. */
export interface LeaseSettings {
  /** The origin that the client is connected to. */
  readonly origin: string;
  readonly calls: SessionCalls;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly leases: LeaseRegistry;
  readonly schedule: Schedule;
}

/** An open lease, or one that is being opened. */
export interface RegisteredLease extends AsyncDisposable {
  /**
   * Sends the request that ends the session, by the API session of the given id, without waiting for the answer. For its
   * user the lease is lost.
   */
  abandon?(token: string): void;
}

/** The open leases of a client, so that closing the client ends them before it logs out. */
export interface LeaseRegistry {
  add(lease: RegisteredLease): void;
  delete(lease: RegisteredLease): void;
  disposeAll(): Promise<void>;
  abandonAll(token: string): void;
}

/** Makes an empty registry. */
export function createLeaseRegistry(): LeaseRegistry {
  const leases = new Set<RegisteredLease>();
  return {
    add: (lease) => void leases.add(lease),
    delete: (lease) => void leases.delete(lease),
    async disposeAll() {
      await Promise.all(Array.from(leases, (lease) => lease[Symbol.asyncDispose]()));
    },
    abandonAll(token) {
      for (const lease of leases) lease.abandon?.(token);
    },
  };
}
