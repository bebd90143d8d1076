/**
 * What downloads of items and work on top of them have in common: several pieces of work at once, events and a report, and
 * the list of an item's files.
 *
 * @private Does not follow semantic versioning.
 * @packageDocumentation
 */
// oxlint-disable-next-line import/no-unassigned-import -- it says which Node is needed, before another import fails
import "./node-version.ts";
export { checkDownloadOptions, supersedes } from "./download/download-item.ts";
export { isOutage, libraryFiles, overcome, patienceOf, SharedPatience, startTask } from "@carrel/core/transfer";
export { runLimited } from "./download/run-limited.ts";
export type { Overcome, OvercomeOptions, Task } from "@carrel/core/transfer";
export { findUnchanged } from "./download/unchanged-item.ts";
