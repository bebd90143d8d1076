/** Fleet documents: what is read, checked and compared without a database, and without loading one. @packageDocumentation */
export { compareDocuments } from "./document/compare-documents.ts";
export type { FleetChange, FleetSection, FleetValueChange } from "./document/compare-documents.ts";
export { nextTimes } from "./document/cron.ts";
export type { NextTimesOptions } from "./document/cron.ts";
export type {
  FleetDirectory,
  FleetDocument,
  FleetMirror,
  FleetStore,
  FleetTarget,
  FleetVcenter,
} from "./document/fleet-document.ts";
export { fleetSchema } from "./document/json-schema.ts";
export type { DocumentMistake, DocumentProblem } from "./document/mistakes.ts";
export { checkFleetDocument, readFleetDocument } from "./document/read-document.ts";
export type { ReadDocument } from "./document/read-document.ts";
export { sampleDocument } from "./document/sample.ts";
