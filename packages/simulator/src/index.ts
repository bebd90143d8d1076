export { virtualClock } from "./clock/virtual-clock.ts";
export type { VirtualClock } from "./clock/virtual-clock.ts";
export type * from "./model/fault.ts";
export type { FaultPlan } from "./state/fault-plan.ts";
export { parseFault } from "./input/parse-fault.ts";
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
} from "./model/seed.ts";
export type { Exchange, ExchangeEnd } from "./journal/exchange.ts";
export { loadSeed } from "./input/load-seed.ts";
export type { LoadSeedOptions, SimulatorSeed } from "./input/load-seed.ts";
export type { ServedOperationId } from "./model/served-operation-id.ts";
export { SimulatorInputError } from "./model/simulator-input-error.ts";
export type { ApiSessionView, DownloadSessionView, Simulator } from "./simulator.ts";
export type { SimulatorOptions } from "./model/simulator-options.ts";
export { startSimulator } from "./start-simulator.ts";
export type { ApiSessionLimits } from "./model/api-session.ts";
export type { Credentials } from "./model/credentials.ts";
export type { Activity, LeaseRules } from "./model/lease-rules.ts";
export type { PrepareRules } from "./model/prepare-rules.ts";
export type { ReportRules, ReportedFrom } from "./model/report-rules.ts";
export type { SimulatorCertificate } from "./tls/certificate.ts";
export type { TransferRules } from "./model/transfer-rules.ts";
export type { SimulatorVersion } from "./model/versions.ts";
