/**
 * For the other packages of this project. Does not follow semantic versioning.
 * @packageDocumentation
 */
// oxlint-disable-next-line import/no-unassigned-import -- it says which Node is needed, before another import fails
import "./node-version.ts";
export { supersedes } from "./download/download-item.ts";
export { inTurn } from "./download/in-turn.ts";
export { startTask } from "./download/task.ts";
export type { Task } from "./download/task.ts";
export { unfinished, workSuffixes } from "./download/resume-record.ts";
export { readChecksum } from "./files/checksum.ts";
export { DigestThread } from "./files/digest-thread.ts";
export type { FileDigest } from "./files/file-digest.ts";
export { durableRename, renameWithPatience } from "./files/durable-rename.ts";
export { FileLock, LockLostError, lockTimes } from "./files/file-lock.ts";
export type { LockWait } from "./files/file-lock.ts";
export { onDisk, systemCode } from "./files/fs-error.ts";
export { lookAt, nounFor } from "./files/stat.ts";
export type { Kind } from "./files/stat.ts";
export { readPlainFile, writeNewFile } from "./files/plain-file.ts";
export { makeFolder } from "./files/make-folder.ts";
export { matchesName, nameKey, nameProblem, quote } from "./files/names.ts";
export { noteText } from "./ovf/note-text.ts";
export { presentedCertificates, tryPort, tryTunnel } from "./tls/probe.ts";
export type { PresentedCertificates } from "./tls/probe.ts";
export { ProxyError } from "./tls/proxy-client.ts";
export type { ProxyProblem } from "./tls/proxy-client.ts";
export { proxyFor, ProxySettingsError } from "./tls/proxy-rules.ts";
export { readThumbprint } from "./tls/thumbprint.ts";
