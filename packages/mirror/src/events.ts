import type { CarrelErrorJson, DownloadEvent, NextAttempt } from "@carrel/core";
import type { KeptBackup } from "./place/backup.ts";
import type { MirrorPublication } from "./publication/publication.ts";
import type {
  FailedItem,
  ItemName,
  MirrorCounts,
  MirrorDeletion,
  MirroredItem,
  MirrorPlan,
  MirrorSpace,
  Verification,
} from "./report.ts";

/**
 * One union for all that happens while a library is mirrored; `type` tells them apart. As JSON it contains no secrets.
 * Sizes in bytes, times in milliseconds.
 *
 * They come in this order: `waiting`, `reading`, `verifying` and `differs`, one `plan`; then, unless it is a dry run, `deleted`
 * items, `moved` directories, the items (each `started`, its `download`s, and `mirrored` or `failed`; several at once),
 * `deleted` files that their items no longer have; and one `done`. `failed` may come at any time after `plan`,
 * and `retrying` at any time.
 */
export type MirrorEvent =
  /** Another run has the mirror's lock and shows no sign of life. It is watched for `leftMs`; then the lock is taken over. */
  | { readonly type: "waiting"; readonly holder: string; readonly leftMs: number }
  /** Items of the library are read, at first and each time another one was read. */
  | { readonly type: "reading"; readonly items: number; readonly totalItems: number }
  /** Files that exist are read; only with `verify`. */
  | { readonly type: "verifying"; readonly files: number; readonly readBytes: number; readonly totalBytes: number }
  /** The content of a file is not what the mirror put there; only with `verify`. */
  | ({
      readonly type: "differs";
      readonly directory: string;
      readonly file: string;
      /** Absolute path of the file; a URL where it is in a store. */
      readonly path: string;
      readonly sizeBytes: number;
    } & ItemName)
  /** What is going to be done, or would be. */
  | ({ readonly type: "plan" } & MirrorPlan)
  /** The directory of an item that was renamed has its new name. */
  | ({ readonly type: "moved"; readonly from: string; readonly to: string } & ItemName)
  /** Work on an item begins. It ends with `mirrored` or `failed`. */
  | ({ readonly type: "started" } & ItemName)
  /** A call of the mirror itself, such as that for an item, got no answer, and is made again. */
  | ({ readonly type: "retrying"; readonly cause: CarrelErrorJson } & NextAttempt)
  /** Something happens in the download of an item. */
  | ({ readonly type: "download"; readonly event: DownloadEvent } & ItemName)
  /** An item is in place. */
  | ({ readonly type: "mirrored" } & MirroredItem)
  /** An item cannot be updated, or cannot be deleted. The others still are, and then the run fails as `incomplete`. */
  | ({ readonly type: "failed"; readonly work: "update" | "delete" } & FailedItem)
  /** An item or a file that no longer exists on the server was deleted. */
  | ({ readonly type: "deleted" } & MirrorDeletion)
  /** A directory of an earlier version of an item was deleted, which no subscriber reads any more; only where it is published. */
  | ({
      readonly type: "expired";
      readonly directory: string;
      readonly files: number;
      readonly sizeBytes: number;
    } & ItemName)
  /** A file that was to be deleted was modified locally, and is kept. It no longer belongs to the mirror. */
  | ({ readonly type: "kept" } & MirrorDeletion)
  /** All is done, or was planned in a dry run. */
  | MirrorDone
  | DryRunDone;

/** The last event of a run. */
export interface MirrorDone extends MirrorCounts {
  readonly type: "done";
  readonly dryRun?: never;
  /** Whether nothing failed. */
  readonly allInPlace: boolean;
  readonly verified?: Verification;
  readonly published?: MirrorPublication;
  readonly backup?: KeptBackup;
  readonly durationMs: number;
}

/** The last event of a dry run. */
export interface DryRunDone {
  readonly type: "done";
  readonly dryRun: true;
  /** Whether all items are in place already, and there is nothing to delete. */
  readonly allInPlace: boolean;
  /** Items to update, and items or files to delete. */
  readonly toDo: number;
  readonly unchanged: number;
  /** Items that would fail. */
  readonly failed: number;
  readonly space: MirrorSpace;
  readonly verified?: Verification;
  /** What would be published, if all of that arrived; absent where the mirror is not published. */
  readonly published?: MirrorPublication;
}
