export type { KeptBackup } from "./place/backup.ts";
export { MirrorError } from "./errors.ts";
export type { MirrorErrorOptions, MirrorProblem } from "./errors.ts";
export type { DryRunDone, MirrorDone, MirrorEvent } from "./events.ts";
export { mirrorLibrary } from "./run/mirror-library.ts";
export type { MirrorTask } from "./run/mirror-library.ts";
export type { MirrorOptions } from "./run/mirror-options.ts";
export { directoryNameFor } from "./place/names.ts";
export type { MirrorPublication, PublishSettings } from "./publication/publication.ts";
export { readMirrorRecord } from "./record/record.ts";
export type { RecordedMirror } from "./record/record.ts";
export type { LibraryName, RecordedFile, RecordedItem, SpareDirectory } from "./record/record-text.ts";
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
export type { ItemSelection } from "./library/selection.ts";
export type { PublicationStatus } from "./publication/publication-status.ts";
export { readMirrorStatus } from "./run/status.ts";
export type { FailingMirrorItem, MirrorStatus } from "./run/status.ts";
