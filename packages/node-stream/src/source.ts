/**
 * Items that are downloaded from elsewhere than a vCenter: what such an item and the source of its files fulfil.
 *
 * @private Does not follow semantic versioning.
 * @packageDocumentation
 */
// oxlint-disable-next-line import/no-unassigned-import -- it says which Node is needed, before another import fails
import "./node-version.ts";
export { downloadFrom } from "./download/download-item.ts";
export type { FileFacts, FileWindow, ItemSource, PreparationOptions, SourceFile } from "@carrel/core/transfer";
export type { ListedFile, OpenSourceOptions, RemoteItem, SynchronizeOptions } from "./download/remote-item.ts";
export type { SessionChoice } from "./download/vcenter-item.ts";
export { VcenterItem } from "./download/vcenter-item.ts";
export { openRandomAccessFrom } from "./random-access/open-random-access.ts";
export { openFileFrom } from "./stream/open-item-file.ts";
export { UnpackedItem } from "./unpack/unpacked-item.ts";
