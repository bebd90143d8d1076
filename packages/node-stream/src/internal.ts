/**
 * For the other packages of this project. Does not follow semantic versioning.
 * @packageDocumentation
 */
export { digestAlgorithm } from "./files/digest-algorithm.ts";
export { DurableFolder } from "./files/durable-folder.ts";
export { durableRename } from "./files/durable-rename.ts";
export { FileLock } from "./files/file-lock.ts";
export { onDisk, systemCode } from "./files/fs-error.ts";
export { nameKey, nameProblem, quote } from "./files/safe-name.ts";
