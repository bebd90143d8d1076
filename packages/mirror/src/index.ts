export type { KeptBackup } from "./backup.ts";
export { MirrorError } from "./errors.ts";
export type { MirrorErrorOptions, MirrorProblem } from "./errors.ts";
export type { DryRunDone, MirrorDone, MirrorEvent } from "./events.ts";
export { mirrorLibrary } from "./mirror-library.ts";
export type { MirrorTask } from "./mirror-library.ts";
export type { MirrorOptions } from "./mirror-options.ts";
export { directoryNameFor } from "./names.ts";
export type { MirrorPublication, PublishSettings } from "./publication.ts";
export { readMirrorRecord } from "./record.ts";
export type { RecordedMirror } from "./record.ts";
export type { LibraryName, RecordedFile, RecordedItem, SpareDirectory } from "./record-text.ts";
export type {
  FailedItem,
  ItemName,
  MirrorAction,
  MirrorCounts,
  MirrorDeletion,
  MirroredFile,
  MirroredItem,
  MirrorPlan,
  MirrorReport,
  MirrorSpace,
  PlannedDeletion,
  PlannedItem,
  Verification,
} from "./report.ts";
export type { ItemSelection } from "./selection.ts";
export type { PublicationStatus } from "./publication-status.ts";
export { readMirrorStatus } from "./status.ts";
export type { FailingMirrorItem, MirrorStatus } from "./status.ts";
