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
