/**
 * Mirrors whose items are updated apart from each other, by several processes: one run compares the library and hands the items
 * over, and each item is updated under a lock of its own.
 *
 * @private Does not follow semantic versioning.
 * @packageDocumentation
 */
export type { HandOver, ItemToUpdate } from "./run/hand-over.ts";
export type { MirrorPlace } from "./place/mirror-place.ts";
export { planMirror } from "./run/plan-mirror.ts";
export type { PlanOptions } from "./run/plan-mirror.ts";
export { updateOneItem } from "./run/update-one-item.ts";
export type { OneItemOptions } from "./run/update-one-item.ts";
