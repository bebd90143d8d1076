import type { VerifiedBy } from "@carrel/core";
import type { Digest } from "@carrel/node-stream";
import type { LibraryItem } from "./library-items.ts";
import { parkingFor } from "./mirror-paths.ts";

/** A file that mirror put into an item's folder. */
export interface MirroredFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** How it was known to be whole. */
  readonly verifiedBy: VerifiedBy;
  readonly digest: Digest;
  /** The item has it no more. It stays until a run with --delete. */
  readonly gone?: boolean;
}

/** What mirror knows of an item that it put into the folder. */
export interface MirroredItem {
  readonly id: string;
  readonly name: string;
  /** Name of its folder. */
  readonly folder: string;
  /** `null` while files are put in place: some may be of the version before. */
  readonly contentVersion: string | null;
  readonly files: readonly MirroredFile[];
}

/** Whether what mirror put there is of the content version that the item has now. */
export function isCurrent(before: MirroredItem, item: LibraryItem): boolean {
  return before.id === item.id && before.contentVersion === item.contentVersion;
}

/** Names under which an item's folder may be: where a run was killed that had just moved it, the manifest does not know. */
export function placesOf({ id, folder }: MirroredItem): readonly string[] {
  return [folder, parkingFor(id)];
}

/** Bytes of files together. */
export function sumOf(files: readonly MirroredFile[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
