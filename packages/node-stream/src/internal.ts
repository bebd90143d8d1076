/**
 * For the other packages of this project. Does not follow semantic versioning.
 * @packageDocumentation
 */
export { resumableBytes } from "./download/resumable-bytes.ts";
export { workSuffixes } from "./download/work-files.ts";
export { digestAlgorithm } from "./files/digest-algorithm.ts";
export { DigestThread } from "./files/digest-thread.ts";
export type { FileDigest } from "./files/file-digest.ts";
export { durableRename } from "./files/durable-rename.ts";
export { FileLock } from "./files/file-lock.ts";
export { onDisk, systemCode } from "./files/fs-error.ts";
export { LockLostError } from "./files/lock-lost-error.ts";
export { lookAt } from "./files/look-at.ts";
export type { Kind } from "./files/look-at.ts";
export { makeFolder } from "./files/make-folder.ts";
export { matchesName } from "./files/matches-name.ts";
export { nounFor } from "./files/noun-for.ts";
export { renameWithPatience } from "./files/rename-with-patience.ts";
export { nameKey, nameProblem, quote } from "./files/safe-name.ts";
export { presentedCertificates } from "./tls/presented-certificates.ts";
export type { PresentedCertificates } from "./tls/presented-certificates.ts";
export { ProxyError } from "./tls/proxy-error.ts";
export type { ProxyProblem } from "./tls/proxy-error.ts";
export { proxyFor } from "./tls/proxy-for.ts";
export { ProxySettingsError } from "./tls/proxy-settings.ts";
export { tryTunnel } from "./tls/try-tunnel.ts";
