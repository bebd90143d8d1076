/**
 * Mirrors of libraries that are elsewhere than at a vCenter.
 *
 * @private Does not follow semantic versioning.
 * @packageDocumentation
 */
export { mirrorFrom } from "./run/mirror-library.ts";
export { vcenterSource } from "./library/mirror-source.ts";
export type { MirrorSource } from "./library/mirror-source.ts";
export type { MirrorPlace } from "./place/mirror-place.ts";
