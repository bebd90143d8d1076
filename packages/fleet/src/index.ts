/** Fleets of vCenters, described by a document. @packageDocumentation */
export * from "./document.ts";
export { openFleet } from "./open-fleet.ts";
export { FleetError } from "./errors.ts";
export type { FleetErrorOptions, FleetProblem } from "./errors.ts";
export type { FleetEvent, FleetItemName } from "./events.ts";
export type {
  Fleet,
  FleetConnection,
  FleetOptions,
  FleetPlace,
  FleetRunOptions,
  FleetRunReport,
  FleetSelection,
} from "./fleet.ts";
export type {
  FleetCheck,
  FleetDatabaseStatus,
  FleetDeadItem,
  FleetFile,
  FleetHistoryEntry,
  FleetItemAtWork,
  FleetItemWaiting,
  FleetMirrorStatus,
  FleetStatus,
  FleetVcenterStatus,
  FleetWorker,
} from "./status.ts";
