export { virtualClock } from "./clock/virtual-clock.ts";
export type { VirtualClock } from "./clock/virtual-clock.ts";
export type * from "./faults/fault.ts";
export type { FaultPlan } from "./faults/fault-plan.ts";
export { parseFault } from "./faults/parse-fault.ts";
export type { Inventory, InventoryFile, InventoryItem, InventoryLibrary } from "./inventory/inventory.ts";
export type {
  BytesFileSeed,
  FileSeed,
  ItemSeed,
  LibrarySeed,
  PathFileSeed,
  StatedFacts,
  TextFileSeed,
  VirtualFileSeed,
} from "./inventory/seed.ts";
export type { Exchange, ExchangeEnd } from "./journal/exchange.ts";
export { loadSeed } from "./load-seed.ts";
export type { LoadSeedOptions, SimulatorSeed } from "./load-seed.ts";
export type { ServedOperationId } from "./operations/served-operation-id.ts";
export { SimulatorInputError } from "./simulator-input-error.ts";
export type { ApiSessionView, DownloadSessionView, Simulator } from "./simulator.ts";
export type { SimulatorOptions } from "./simulator-options.ts";
export { startSimulator } from "./start-simulator.ts";
export type { ApiSessionLimits } from "./state/api-sessions.ts";
export type { Credentials } from "./state/credentials.ts";
export type { Activity, LeaseRules } from "./state/lease-rules.ts";
export type { PrepareRules } from "./state/prepare-rules.ts";
export type { ReportRules, ReportedFrom } from "./state/report-rules.ts";
export type { SimulatorCertificate } from "./tls/certificate.ts";
export type { TransferRules } from "./transfer/transfer-rules.ts";
export type { SimulatorVersion } from "./versions.ts";
