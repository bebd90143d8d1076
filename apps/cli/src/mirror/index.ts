export { MirrorError } from "./errors.ts";
export type { MirrorProblem } from "./errors.ts";
export type { DryRunDone, MirrorDone, MirrorEvent } from "./events.ts";
export { mirrorLibrary } from "./mirror-library.ts";
export { folderNameFor } from "./names.ts";
export type {
  MirrorAction,
  MirrorDeletion,
  MirroredItem,
  MirrorPlan,
  PlannedDeletion,
  PlannedItem,
  Verification,
} from "./report.ts";
