import type { CarrelClient } from "@carrel/core";
import type { MirrorPlace } from "@carrel/mirror/items";
import type { ConnectionPool } from "@carrel/node-stream";
import type { FleetChange, FleetDocument, FleetTarget, FleetVcenter } from "./document.ts";
import type { FleetEvent } from "./events.ts";
import type { FleetCheck, FleetHistoryEntry, FleetStatus } from "./status.ts";

/** A connection to a vCenter, which the fleet closes when it is done with it. */
export interface FleetConnection extends AsyncDisposable {
  readonly client: CarrelClient;
  /** What its transfers go over. */
  readonly pool: ConnectionPool;
}

/** Where a target is: a directory by its absolute path, or what makes places of mirrors below it. */
export type FleetPlace = { readonly directory: string } | { readonly placeAt: (prefix: string) => MirrorPlace };

/** What a fleet needs to know of its surroundings. Secrets are the caller's: none is written to the database. */
export interface FleetOptions {
  /** A directory for the embedded database, which it has to itself; or the URL of a PostgreSQL database of version 14 or later. */
  readonly database: string | URL;
  /** Connects to a vCenter of the document. */
  readonly clientFor: (name: string, vcenter: FleetVcenter) => Promise<FleetConnection>;
  /** Finds the place of a target of the document. */
  readonly placeFor: (name: string, target: FleetTarget) => Promise<FleetPlace>;
}

/** Options of {@link Fleet.run}. */
export interface FleetRunOptions {
  /**
   * How many items this worker is at at once.
   * @defaultValue 4
   */
  readonly transfers?: number;
  /**
   * Plans all mirrors, and ends when nothing is left that could be done now: what failed and is to be tried later is left.
   * @defaultValue false
   */
  readonly once?: boolean;
  /** Ends the worker: its sessions are ended, its position is saved, and its items are free for others. */
  readonly signal?: AbortSignal;
  readonly on?: (event: FleetEvent) => void;
  /**
   * What the status calls this worker.
   * @defaultValue host and process id
   */
  readonly name?: string;
}

/** What a worker did. */
export interface FleetRunReport {
  readonly mirrored: number;
  readonly failed: number;
  readonly receivedBytes: number;
}

/** What {@link Fleet.cancel} and {@link Fleet.retry} are about. */
export interface FleetSelection {
  readonly mirror?: string;
  /** Name or id of an item. */
  readonly item?: string;
}

/** A fleet, from {@link openFleet}. */
export interface Fleet extends AsyncDisposable {
  /** Reads the document that was applied last; `undefined` where none was. */
  document(): Promise<FleetDocument | undefined>;
  /** Applies a document, all of it or nothing: schedules, limits, and what is no longer to be done. Returns what changed. */
  apply(document: FleetDocument): Promise<readonly FleetChange[]>;
  /**
   * Has mirrors compared with their libraries now, all where none is named. Returns the names of those that were not waiting
   * for it already.
   */
  sync(mirrors?: readonly string[]): Promise<readonly string[]>;
  /** Works until its signal is aborted; with `once`, until nothing is left that could be done now. */
  run(options?: FleetRunOptions): Promise<FleetRunReport>;
  /** Reads what there is to know. */
  status(): Promise<FleetStatus>;
  /** Cancels items that wait or that workers are at, which notice within seconds. Returns how many. */
  cancel(selection: FleetSelection): Promise<number>;
  /** Has dead items tried again, and those that wait after a failure tried now. Returns how many. */
  retry(selection?: FleetSelection): Promise<number>;
  /** Lists what was done about an item, the newest first. */
  history(selection: FleetSelection): Promise<readonly FleetHistoryEntry[]>;
  /** Looks at the database, the vCenters, the targets, and what is left open. */
  doctor(): Promise<readonly FleetCheck[]>;
}
