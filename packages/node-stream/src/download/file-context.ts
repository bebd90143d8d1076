import type { DownloadEvent } from "@carrel/core";
import type { DigestThread } from "../files/digest-thread.ts";
import type { ConnectionPool } from "../tls/connection-pool.ts";
import type { RateLimit } from "../transfer/rate-limit.ts";
import type { TransferSession } from "../transfer/transfer-source.ts";
import type { DownloadItemOptions } from "./download-item-options.ts";
import type { ItemSource } from "./item-source.ts";
import type { ManifestCheck } from "./manifest-check.ts";
import type { OverallProgress } from "./overall-progress.ts";
import type { PrepareAhead } from "./prepare-ahead.ts";

/** What all files of one download share. */
export interface FileContext {
  readonly itemId: string;
  readonly folder: string;
  readonly options: DownloadItemOptions;
  readonly client: TransferSession;
  readonly source: ItemSource;
  readonly ahead: PrepareAhead;
  readonly digests: DigestThread;
  readonly pool: ConnectionPool;
  readonly rateLimit: RateLimit | undefined;
  readonly manifest: ManifestCheck;
  readonly progress: OverallProgress;
  readonly emit: (event: DownloadEvent) => void;
  /** Aborted by the caller, or because another file failed. */
  readonly signal: AbortSignal;
}
