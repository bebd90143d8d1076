import type { Observer } from "../diagnostics.ts";
import type { Clock } from "../kit/time.ts";
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

/** The leases of a client that are not over yet, so that disposing the client ends them before it logs out. */
export interface LeaseRegistry {
  add(lease: AsyncDisposable): void;
  delete(lease: AsyncDisposable): void;
  disposeAll(): Promise<void>;
}

/** An empty registry. */
export function createLeaseRegistry(): LeaseRegistry {
  const leases = new Set<AsyncDisposable>();
  return {
    add: (lease) => void leases.add(lease),
    delete: (lease) => void leases.delete(lease),
    async disposeAll() {
      await Promise.all(Array.from(leases, (lease) => lease[Symbol.asyncDispose]()));
    },
  };
}
