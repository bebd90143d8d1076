import type { CarrelErrorJson } from "@carrel/core";
import type { FleetItemName } from "./events.ts";

/** What a fleet does, as plain data. Sizes in bytes, times in milliseconds since 1970. */
export interface FleetStatus {
  readonly database: FleetDatabaseStatus;
  readonly vcenters: readonly FleetVcenterStatus[];
  readonly mirrors: readonly FleetMirrorStatus[];
  /** Items that workers are at. */
  readonly atWork: readonly FleetItemAtWork[];
  /** Items that wait, in the order in which they come. */
  readonly waiting: readonly FleetItemWaiting[];
  /** Workers that gave a sign of life lately. */
  readonly workers: readonly FleetWorker[];
  /** What is not tried any more until `retry`. */
  readonly dead: readonly FleetDeadItem[];
}

/** The database of a fleet. */
export interface FleetDatabaseStatus {
  readonly kind: "embedded" | "postgresql";
  /** A directory, or a URL without a password. */
  readonly location: string;
  /** Such as `15.18`. */
  readonly version: string;
}

/** A vCenter of the document. */
export interface FleetVcenterStatus {
  readonly name: string;
  /** How many files are transferred from it at once at most. */
  readonly transfers: number;
  /** Items that workers are at. */
  readonly atWork: number;
  readonly waiting: number;
}

/** A mirror of the document. */
export interface FleetMirrorStatus {
  readonly name: string;
  readonly vcenter: string;
  readonly library: string;
  readonly target: string;
  readonly atWork: number;
  readonly waiting: number;
  readonly dead: number;
  /** Whether its library is being compared now, or waits for it. */
  readonly plan: "none" | "waiting" | "at-work" | "retry";
  /** When its library was last compared. */
  readonly plannedAt?: number;
  /** Items that were to be updated then. */
  readonly plannedItems?: number;
  /** Items that were in place then. */
  readonly unchangedItems?: number;
  /** When its library is compared next, by its schedule. */
  readonly nextAt?: number;
  /** Why it could not be compared the last time. */
  readonly error?: CarrelErrorJson;
}

/** An item that a worker is at. */
export interface FleetItemAtWork extends FleetItemName {
  readonly vcenter: string;
  /** Name of the worker; absent before its first sign of life. */
  readonly worker?: string;
  /** The first is 1. */
  readonly attempt: number;
  readonly startedAt: number;
  /** Bytes of its files that are there. */
  readonly bytes: number;
  /** Absent where that is not known yet. */
  readonly totalBytes?: number;
  readonly files: readonly FleetFile[];
}

/** A file of an item that a worker is at. */
export interface FleetFile {
  readonly file: string;
  readonly bytes: number;
  readonly totalBytes?: number;
}

/** An item that waits. */
export interface FleetItemWaiting extends FleetItemName {
  readonly vcenter: string;
  /** `queue`: other items come first; `limit`: its vCenter has as many transfers as it may; `retry`: it failed. */
  readonly why: "queue" | "limit" | "retry";
  /** How often it was tried. */
  readonly attempts: number;
  /** When it is tried again at the earliest; only after a failure. */
  readonly retryAt?: number;
  /** Why it failed the last time. */
  readonly error?: CarrelErrorJson;
}

/** A worker. */
export interface FleetWorker {
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: number;
  /** Its last sign of life, by the clock of the database. */
  readonly seenAt: number;
  /** Items that it is at. */
  readonly items: number;
}

/** An item that is not tried any more. */
export interface FleetDeadItem extends FleetItemName {
  readonly vcenter: string;
  readonly attempts: number;
  readonly failedAt: number;
  readonly error?: CarrelErrorJson;
}

/** One piece of work at an item, from {@link Fleet.history}. */
export interface FleetHistoryEntry extends FleetItemName {
  readonly state: "waiting" | "retry" | "at-work" | "completed" | "cancelled" | "failed";
  /** How often it was tried. */
  readonly attempts: number;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** The worker that had it last, as far as that is known. */
  readonly worker?: string;
  readonly receivedBytes?: number;
  readonly error?: CarrelErrorJson;
}

/** What {@link Fleet.doctor} looked at. */
export interface FleetCheck {
  readonly check: "database" | "clock" | "sessions" | "target" | "vcenter" | "workers";
  /** What it is about: the name of a vCenter, target or database. */
  readonly name: string;
  readonly result: "ok" | "warning" | "failed";
  /** The fact, as a sentence without a full stop. */
  readonly message: string;
  readonly error?: CarrelErrorJson;
}
