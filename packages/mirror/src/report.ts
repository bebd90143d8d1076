import type { ArchiveReport, CarrelError, ManifestReport, PackageNote, VerifiedBy } from "@carrel/core";
import type { Digest } from "@carrel/node-stream";
import type { KeptBackup } from "./place/backup.ts";
import type { MirrorPublication } from "./publication/publication.ts";

/**
 * What is to be done about an item, or was.
 *
 * - `new`: the mirror does not have it.
 * - `changed`: its content is another on the server.
 * - `incomplete`: files are missing, or are not what the mirror put there.
 * - `renamed`: only its name changed.
 */
export type MirrorAction = "new" | "changed" | "incomplete" | "renamed";

/** An item, as plans, events and reports name it. */
export interface ItemName {
  /** Its name on the server; its id where the server did not show it and the mirror does not know it. */
  readonly item: string;
  readonly itemId: string;
}

/** An item that a run updates. */
export interface PlannedItem extends ItemName {
  readonly action: MirrorAction;
  /** Name of its directory in the mirror. */
  readonly directory: string;
  /** What it takes on the server's storage, in bytes; absent where nothing is downloaded, or the server has no content of it. */
  readonly sizeBytes?: number;
  /** Set where the content is not at the vCenter. */
  readonly cached?: false;
}

/** What a run deletes, or keeps although it no longer exists on the server: all of an item, or one file of it. */
export interface PlannedDeletion extends ItemName {
  readonly action: "delete" | "kept";
  /** Name of the item's directory in the mirror. */
  readonly directory: string;
  /** The one file that it is about; absent where it is all of the item. */
  readonly file?: string;
  /** When it is to be deleted, in milliseconds since 1970; only where that is later. */
  readonly deletableAt?: number;
  /** How many files of the item are deleted. */
  readonly files?: number;
  /** What they take in the mirror, in bytes. */
  readonly sizeBytes?: number;
}

/** What a run needs of the disk, by what items take on the server's storage, which may differ from the sizes of their files. */
export interface MirrorSpace {
  /** Bytes to fetch, at most: of an item whose content changed, files that are the same are kept. */
  readonly fetchBytes: number;
  /** Bytes by which the mirror grows at least; below 0 where it shrinks. An item that changed is there twice for a while. */
  readonly growthBytes: number;
  /** Bytes that are free; absent where the system cannot tell. */
  readonly freeBytes?: number;
}

/** What a run does, as data. */
export interface MirrorPlan {
  /** Items that are not in place, in the library's order. */
  readonly items: readonly PlannedItem[];
  /** How many items are in place already. */
  readonly unchanged: number;
  /** Items that no longer exist on the server, and that the mirror still holds. */
  readonly gone: readonly ItemName[];
  /** VM templates. They are left out, because their files are not in the library. */
  readonly templates: readonly ItemName[];
  /** Items that are not selected, and left alone. */
  readonly excluded: readonly ItemName[];
  /** What is deleted or kept of items and files that no longer exist on the server. Only in a dry run. */
  readonly deletions?: readonly PlannedDeletion[];
  readonly space: MirrorSpace;
}

/** What came of reading the files of a mirror. */
export interface Verification {
  /** Files that were read. */
  readonly files: number;
  readonly bytes: number;
  /** Files that are not what the mirror put there. */
  readonly differing: number;
}

/** A file of an item that is in place. */
export interface MirroredFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** How it was known to be whole when it arrived; `nothing` means that it was not known. */
  readonly verifiedBy: VerifiedBy;
  /** The digest of what arrived, computed here. */
  readonly digest: Digest;
  /** Why a manifest that should have proved the file did not. Absent for files that were not downloaded in this run. */
  readonly doubts?: readonly PackageNote[];
  /** What is in it, where it is an OVA archive that was read in this run. */
  readonly archive?: ArchiveReport;
  /** The file system cannot flush what was written: a power cut may undo it. Absent where it was flushed. */
  readonly unflushed?: true;
}

/** An item that was updated. */
export interface MirroredItem extends ItemName {
  /** What was done about it. */
  readonly action: MirrorAction;
  /** Name of its directory in the mirror. */
  readonly directory: string;
  readonly contentVersion: string;
  /** All its files. */
  readonly files: readonly MirroredFile[];
  /** How many files that the item no longer has are still in its directory. */
  readonly leftovers: number;
  /** What became of its OVF manifests, where it was downloaded in this run. */
  readonly manifests: readonly ManifestReport[];
  /** Bytes that came over the network in this run. */
  readonly receivedBytes: number;
}

/** What was deleted: all of an item, or one file of it. Or a file that was kept, because it was modified locally. */
export interface MirrorDeletion extends ItemName {
  /** Name of the item's directory in the mirror. */
  readonly directory: string;
  /** The one file that it is about; absent where it is all of the item. */
  readonly file?: string;
  /** How many files of the item were deleted; absent where it is about one file. */
  readonly files?: number;
  readonly sizeBytes: number;
}

/** An item that is not in place, or was not deleted, and why. */
export interface FailedItem extends ItemName {
  readonly error: CarrelError;
}

/** How many items and files there are of each kind, and how large they are. */
export interface MirrorCounts {
  /** Items that are in place: `unchanged`, `new`, `changed`, `incomplete` and `renamed` together. */
  readonly inPlace: number;
  readonly unchanged: number;
  readonly new: number;
  readonly changed: number;
  readonly incomplete: number;
  readonly renamed: number;
  /** VM templates, which are left out. */
  readonly templates: number;
  /** Items that are not selected. */
  readonly excluded: number;
  /** Items that are not in place. */
  readonly failed: number;
  /** Items that no longer exist on the server and could not be deleted. */
  readonly notDeleted: number;
  /** Items that no longer exist on the server and were kept, because nothing was to be deleted. */
  readonly goneAndKept: number;
  /** Files that their items no longer have and that were kept, because nothing was to be deleted. */
  readonly leftoversKept: number;
  /** Items that no longer exist on the server and have not been gone for long enough to be deleted. */
  readonly awaitingDeletion: number;
  /** Files that their items have not been without for long enough to be deleted. */
  readonly leftoversAwaitingDeletion: number;
  /** Items that were deleted. */
  readonly deleted: number;
  /** Files that were deleted because their items no longer have them. */
  readonly leftoversDeleted: number;
  /** All files that were deleted. */
  readonly deletedFiles: number;
  readonly deletedBytes: number;
  /** Bytes that came over the network in this run. */
  readonly receivedBytes: number;
}

/** The outcome of a mirror run. */
export interface MirrorReport {
  readonly libraryId: string;
  /** Absolute path of the mirror; a URL where it is in a store. */
  readonly directory: string;
  /** Whether nothing was changed. */
  readonly dryRun: boolean;
  readonly plan: MirrorPlan;
  /** Items that were updated, in the order in which that was done. */
  readonly mirrored: readonly MirroredItem[];
  /** What was deleted. */
  readonly deleted: readonly MirrorDeletion[];
  /** Files that were to be deleted and were kept, because they were modified locally. They no longer belong to the mirror. */
  readonly kept: readonly MirrorDeletion[];
  /** Items that are not in place, or would not be after a dry run. */
  readonly failed: readonly FailedItem[];
  /** Items that no longer exist on the server and could not be deleted. */
  readonly notDeleted: readonly FailedItem[];
  readonly counts: MirrorCounts;
  /** What came of reading the files that exist, where that was asked for. */
  readonly verified?: Verification;
  /** What was published, or would be after a dry run; absent where the mirror is not published. */
  readonly published?: MirrorPublication;
  /** What was kept of what was deleted or replaced; absent where that is nothing. */
  readonly backup?: KeptBackup;
  readonly durationMs: number;
}
