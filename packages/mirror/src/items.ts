/**
 * Mirrors whose items are updated apart from each other, by several processes: one run compares the library and hands the items
 * over, and each item is updated under a lock of its own.
 *
 * @private Does not follow semantic versioning.
 * @packageDocumentation
 */
export type { HandOver, ItemToUpdate } from "./hand-over.ts";
export type { MirrorPlace } from "./mirror-place.ts";
export { planMirror } from "./plan-mirror.ts";
export type { PlanOptions } from "./plan-mirror.ts";
export { updateOneItem } from "./update-one-item.ts";
export type { OneItemOptions } from "./update-one-item.ts";
