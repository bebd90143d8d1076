/**
 * Files on a disk, as the packages of this project write them: names, locks, durable renames, digests.
 *
 * @private Does not follow semantic versioning.
 * @packageDocumentation
 */
// oxlint-disable-next-line import/no-unassigned-import -- it says which Node is needed, before another import fails
import "./node-version.ts";
export { directoryRecordName, readSavedItems } from "./sink/directory-record.ts";
export type { SavedFile, SavedItem } from "./sink/directory-record.ts";
export { partialSuffixes } from "./sink/file-paths.ts";
export {
  isManifest,
  maxManifestBytes,
  nameKey,
  nameProblem,
  noteText,
  PackageCheck,
  parseManifest,
  quote,
  readChecksum,
} from "@carrel/core/transfer";
export { DigestThread } from "./files/digest-thread.ts";
export { DurableDirectory, durableRename, renameWithPatience, syncDirectory } from "./files/durable-rename.ts";
export type { FileDigest } from "./files/file-digest.ts";
export { FileLock, LockLostError } from "./files/file-lock.ts";
export { lockTimes } from "./files/heartbeat.ts";
export type { LockWait } from "./files/lock-takeover.ts";
export { bytesText, freeBytesAt } from "./files/free-space.ts";
export { onDisk, systemCode } from "./files/fs-error.ts";
export { makeDirectory } from "./files/make-directory.ts";
export { matchesName } from "./files/matches-name.ts";
export { readPlainFile, writeNewFile } from "./files/plain-file.ts";
export { nounFor, statOf } from "./files/stat.ts";
export type { FileKind } from "./files/stat.ts";
