import type { DownloadEvent } from "@carrel/core";
import type { ItemSink } from "../sink/sink.ts";
import type { ConnectionPool } from "../tls/connection-pool.ts";
import type { ItemSource, ManifestCheck, OverallProgress, ServerHabits, SharedPatience } from "@carrel/core/transfer";
import type { RateLimit } from "../transfer/rate-limit.ts";
import type { TransferSession } from "../transfer/transfer-options.ts";
import type { ConcurrencyLimit } from "./concurrency-limit.ts";
import type { DownloadItemOptions } from "./download-item-options.ts";
import type { PrepareAhead } from "./prepare-ahead.ts";
import type { BlockPool } from "./write-blocks.ts";

/** What the files of one item share while they are downloaded: one object, which is never copied or changed. */
export interface ItemState {
  readonly sink: ItemSink;
  readonly options: DownloadItemOptions;
  readonly session: TransferSession | undefined;
  readonly source: ItemSource;
  readonly ahead: PrepareAhead;
  readonly blocks: BlockPool;
  readonly pool: ConnectionPool;
  readonly concurrency: ConcurrencyLimit;
  readonly rateLimit: RateLimit | undefined;
  /** How long outages are overcome. */
  readonly patience: SharedPatience;
  readonly manifest: ManifestCheck;
  readonly habits: ServerHabits;
  readonly progress: OverallProgress;
  readonly emit: (event: DownloadEvent) => void;
  /** Aborted by the caller. A file has a signal of its own, which is also aborted with the rest of the item. */
  readonly signal: AbortSignal;
}
