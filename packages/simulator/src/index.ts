export { virtualClock } from "./virtual-clock.ts";
export type { VirtualClock } from "./virtual-clock.ts";
export type * from "./model/fault.ts";
export type { FaultPlan } from "./state/fault-plan.ts";
export { parseFault } from "./input/faults.ts";
export type { Inventory, InventoryFile, InventoryItem, InventoryLibrary } from "./inventory.ts";
export type {
  BytesFileSeed,
  FileSeed,
  ItemSeed,
  LibrarySeed,
  PathFileSeed,
  StatedFacts,
  TextFileSeed,
  VirtualFileSeed,
} from "./model/seed.ts";
export type { JournalEntry } from "./journal/journal.ts";
export { loadSeed } from "./input/load-seed.ts";
export type { LoadSeedOptions, SimulatorSeed } from "./input/load-seed.ts";
export type { ServedOperationId } from "./model/operations.ts";
export { SimulatorInputError } from "./input/check.ts";
export type { ApiSessionView, DownloadSessionView, Simulator } from "./simulator.ts";
export type { SimulatorOptions, Credentials } from "./model/simulator-options.ts";
export { startSimulator } from "./start-simulator.ts";
export type {
  ApiSessionLimits,
  Activity,
  LeaseRules,
  PrepareRules,
  ReportRules,
  ReportedFrom,
  TransferRules,
} from "./model/rules.ts";
export type { SimulatorCertificate } from "./tls/certificate.ts";
export type { SimulatorVersion } from "./model/versions.ts";
