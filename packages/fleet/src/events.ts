import type { CarrelErrorJson } from "@carrel/core";
import type { MirrorAction } from "@carrel/mirror";

/** An item of a mirror, as events and the status name it. */
export interface FleetItemName {
  /** Name of the mirror in the document. */
  readonly mirror: string;
  /** Its name on the server. */
  readonly item: string;
  readonly itemId: string;
}

/** What happens at one worker. Sizes in bytes, times in milliseconds since 1970. As JSON it contains no secrets. */
export type FleetEvent =
  /** The worker waits for work. */
  | { readonly type: "ready"; readonly worker: string; readonly database: string }
  /** A library was compared with the records of its mirror. */
  | {
      readonly type: "planned";
      readonly mirror: string;
      /** Items that are to be updated. */
      readonly items: number;
      readonly unchanged: number;
      /** Items that were deleted because they no longer exist on the server. */
      readonly deleted: number;
      /** Items of which the server shows nothing, or that cannot have their place. */
      readonly failed: number;
    }
  /** A library could not be compared. It is tried again, unless `isDead`. */
  | { readonly type: "plan-failed"; readonly mirror: string; readonly error: CarrelErrorJson; readonly isDead: boolean }
  /** Work on an item begins; `isTakenOver` after another worker that had it and gave no sign of life. */
  | ({ readonly type: "started"; readonly attempt: number; readonly isTakenOver: boolean } & FleetItemName)
  | ({
      readonly type: "progress";
      readonly file: string;
      readonly bytes: number;
      readonly totalBytes?: number;
    } & FleetItemName)
  /** An item is in place; `action` is `none` where it was already. */
  | ({
      readonly type: "mirrored";
      readonly action: MirrorAction | "none";
      readonly receivedBytes: number;
    } & FleetItemName)
  /** An item could not be updated. It is tried again, unless `isDead`. */
  | ({ readonly type: "failed"; readonly error: CarrelErrorJson; readonly isDead: boolean } & FleetItemName)
  /** Work on an item was ended here: another worker has it, or may have. */
  | ({ readonly type: "lost" } & FleetItemName)
  /** A download session that no worker held was ended. */
  | { readonly type: "swept"; readonly vcenter: string; readonly sessions: number }
  /** The database does not answer. */
  | { readonly type: "database-lost"; readonly error: CarrelErrorJson }
  | { readonly type: "database-back" };
