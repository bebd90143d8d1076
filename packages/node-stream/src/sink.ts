/**
 * What a place for files has to fulfil, beside `Sink` itself, and what helps to write one.
 *
 * @private Does not follow semantic versioning.
 * @packageDocumentation
 */
// oxlint-disable-next-line import/no-unassigned-import -- it says which Node is needed, before another import fails
import "./node-version.ts";
export { isDigest } from "@carrel/core/transfer";
export type { FilePart } from "./files/digest-thread.ts";
export { LockLostError } from "./files/file-lock.ts";
export { describeOwner, isDead, newOwner, parseOwner } from "./files/lock-owner.ts";
export type { LockOwner } from "./files/lock-owner.ts";
export { ArchiveRecorder, NotRecorded } from "./ovf/archive-recorder.ts";
export { parseSavedItem } from "./sink/directory-record.ts";
export type { SavedFile, SavedItem } from "./sink/directory-record.ts";
export type {
  ClaimedFile,
  ExistingFile,
  ItemSink,
  PartialFile,
  PartialOptions,
  PublishOptions,
  RecordedVerdict,
  Replaceable,
  SinkItem,
} from "./sink/sink.ts";
export type { PartialStat } from "./sink/resume-record.ts";
export type { StoredBytes } from "./sink/stored-bytes.ts";
