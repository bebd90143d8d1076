import type { VerifiedBy } from "@carrel/core";
import type { Digest } from "@carrel/node-stream";

/** A file that mirror put into an item's folder. */
export interface MirroredFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** How it was known to be whole. */
  readonly by: VerifiedBy;
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
