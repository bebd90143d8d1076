import type { DownloadItemOptions } from "@carrel/node-stream";
import type { PublishSettings } from "../publication/publication.ts";
import type { ItemSelection } from "../library/selection.ts";

/** Options of {@link mirrorLibrary}: its own, and those of `downloadItem`, which hold for all items together. */
export interface MirrorOptions extends Omit<DownloadItemOptions, "include" | "exclude" | "existing"> {
  /**
   * Deletes items and files that the mirror put into the directory and that no longer exist on the server. Files that were
   * modified locally stay, and so does everything that the mirror did not create.
   * @defaultValue false
   */
  readonly delete?: boolean;
  /**
   * The most items to delete in one run. Where more no longer exist on the server, the run changes nothing and rejects with
   * `too-many-deletions`, so that a library which was emptied by mistake does not empty its mirror.
   * @defaultValue no limit
   */
  readonly maxDelete?: number;
  /**
   * How long an item or a file must have been gone from the server before it is deleted, in milliseconds, by this machine's
   * clock. Every run records since when, also one that does not delete. An item that comes back meanwhile is in place again.
   * @defaultValue 0
   */
  readonly deleteAfterMs?: number;
  /**
   * Keeps what the run deletes, or replaces by another version: below this directory, in one that is named after the time of the
   * run, such as `2026-11-28T03-00-00Z/debian/debian.iso`. On the same file system that takes no room that was not taken before;
   * otherwise files are copied, and the copies compared, before the originals go. Nothing is ever deleted there. It must not
   * be inside the mirror, unless its name there begins with a dot.
   * @defaultValue nothing is kept
   */
  readonly backupDirectory?: string | URL;
  /**
   * Publishes the mirror after each run, also after one in which items failed, as a library that vCenters subscribe to: `lib.json`,
   * `items.json`, and an `item.json` for each item. Items have the ids, names, descriptions and times that they have on the server.
   * No file is read for it. What subscribers may be reading is not replaced: another content version, and an item that was renamed,
   * get a directory of their own, such as `photon-5~v7`, and the one before is deleted when it has not been published for
   * `deleteAfterMs`, or for 24 hours where that is absent, also without `delete`. With `delete`, an item that no longer exists on
   * the server is not published any more at once, and deleted after as long. `false` ends it, before anything else is done:
   * `lib.json` and the other files of the library are deleted, and earlier versions of items are, too.
   * @defaultValue whether the mirror was published before
   */
  readonly publish?: boolean | PublishSettings;
  /** Which items are mirrored. @defaultValue all */
  readonly select?: ItemSelection;
  /**
   * Reads all files that exist, and downloads those again whose content is not what the mirror put there. Without it only their
   * sizes are compared.
   * @defaultValue false
   */
  readonly verify?: boolean;
  /**
   * Plans only: nothing is created, changed, deleted or locked. The plan is in the report, which names the items that would fail
   * in place of rejecting. With `delete` it costs one more call for each item whose content changed.
   * @defaultValue false
   */
  readonly dryRun?: boolean;
}
