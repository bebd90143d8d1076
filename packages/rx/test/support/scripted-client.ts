import type { CarrelClient, DownloadLease, LeaseOptions, LeaseSnapshot, TransferEndpoint } from "@carrel/core";
import { asyncScheduler, timer } from "rxjs";
import type { Observable } from "rxjs";
import { inVirtualTime } from "./in-virtual-time.ts";
import { active } from "./snapshots.ts";

/** What one call of `client.lease` is to do. */
export interface Script {
  /** Time until it answers. */
  readonly afterMs: number;
  /** Its answer, if it is to fail. */
  readonly error?: Error;
  /** What the lease goes through from then on, after `active`. */
  readonly changes?: Observable<LeaseSnapshot>;
  readonly prepare?: (fileName: string, signal: AbortSignal) => Observable<TransferEndpoint>;
}

/** A client of which only `lease` is there, playing scripts in virtual time, and what happened to it. */
export interface ScriptedClient {
  readonly client: CarrelClient;
  /** Such as `lease item-1 @0`, `dispose 1 @12`. */
  readonly log: readonly string[];
  readonly options: readonly (LeaseOptions | undefined)[];
}

export function scriptedClient(scripts: readonly Script[]): ScriptedClient {
  const log: string[] = [];
  const options: (LeaseOptions | undefined)[] = [];
  const note = (what: string): void => void log.push(`${what} @${asyncScheduler.now()}`);

  function lease(itemId: string, leaseOptions?: LeaseOptions): Promise<DownloadLease> {
    const number = options.push(leaseOptions);
    const script = scripts[number - 1];
    note(`lease ${itemId}`);
    if (!script) return Promise.reject(new Error("There is no script for this lease."));
    return inVirtualTime(timer(script.afterMs), () => {
      if (script.error) throw script.error;
      return scriptedLease(itemId, script, () => note(`dispose ${number}`));
    });
  }
  return { client: { lease } as Partial<CarrelClient> as CarrelClient, log, options };
}

/** A lease that goes through what the script says. */
export function scriptedLease(itemId: string, script: Script, onClose: () => void): DownloadLease {
  const listeners = new Set<() => void>();
  const preparing = new AbortController();
  let snapshot: LeaseSnapshot = active();
  const change = (next: LeaseSnapshot): void => {
    snapshot = next;
    if (next.phase === "ended" || next.phase === "lost") preparing.abort();
    for (const listener of listeners) listener();
  };
  script.changes?.subscribe(change);
  const lease: Partial<DownloadLease> = {
    itemId,
    getSnapshot: () => snapshot,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    prepare(fileName, { signal = preparing.signal } = {}) {
      if (!script.prepare) throw new Error("There is no script for prepare.");
      return inVirtualTime(script.prepare(fileName, signal), (endpoint) => endpoint);
    },
    [Symbol.asyncDispose]() {
      onClose();
      return Promise.resolve();
    },
  };
  return lease as DownloadLease;
}
