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

/** The open leases of a client, so that closing the client ends them before it logs out. */
export interface LeaseRegistry {
  add(lease: AsyncDisposable): void;
  delete(lease: AsyncDisposable): void;
  disposeAll(): Promise<void>;
}

/** Makes an empty registry. */
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
