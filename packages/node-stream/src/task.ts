/**
 * Work that takes a while, as a download does: some pieces of it at once, events, and a report.
 *
 * @private Does not follow semantic versioning.
 * @packageDocumentation
 */
// oxlint-disable-next-line import/no-unassigned-import -- it says which Node is needed, before another import fails
import "./node-version.ts";
export { supersedes } from "./download/download-item.ts";
export { inTurn } from "./download/in-turn.ts";
export { startTask } from "./download/task.ts";
export type { Task } from "./download/task.ts";
