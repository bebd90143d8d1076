/**
 * Mirrors of libraries that are elsewhere than at a vCenter.
 *
 * @private Does not follow semantic versioning.
 * @packageDocumentation
 */
export { mirrorFrom } from "./mirror-library.ts";
export { vcenterSource } from "./mirror-source.ts";
export type { MirrorSource } from "./mirror-source.ts";
export type { MirrorPlace } from "./mirror-place.ts";
