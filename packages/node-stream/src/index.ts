// oxlint-disable-next-line import/no-unassigned-import -- it says which Node is needed, before another import fails
import "./node-version.ts";
export { createNodeFetch } from "./fetch/create-node-fetch.ts";
export type { NodeFetch, NodeFetchOptions } from "./fetch/create-node-fetch.ts";
export type { FileStreamOptions } from "./stream/file-stream-options.ts";
export { openItemRandomAccess, openRandomAccess } from "./random-access/open-random-access.ts";
export type { ItemRandomAccessOptions } from "./random-access/open-random-access.ts";
export type { RandomAccess, RandomAccessOptions } from "./random-access/random-access.ts";
export { openFile } from "./stream/open-file.ts";
export { openItemFile } from "./stream/open-item-file.ts";
export { ConnectionPool } from "./tls/connection-pool.ts";
export type { TlsOptions } from "./tls/tls-options.ts";
export type { TransferMessages } from "./transfer/channels.ts";
export { openTransfer } from "./transfer/open-transfer.ts";
export type { TransferStream } from "./transfer/open-transfer.ts";
export { RateLimit } from "./transfer/rate-limit.ts";
export type {
  Digest,
  DigestAlgorithm,
  Digests,
  EndpointRequest,
  LeasedEndpoint,
  RequiredVerification,
  TransferExpectation,
  TransferFacts,
  TransferHead,
  TransferResume,
  TransferSource,
  TransferValidator,
} from "@carrel/core/transfer";
export type { TransferOptions, TransferSession } from "./transfer/transfer-options.ts";
export { ConcurrencyLimit } from "./download/concurrency-limit.ts";
export { downloadItem } from "./download/download-item.ts";
export type { DownloadItemOptions, RecordNames } from "./download/download-item-options.ts";
export { PartialDownloadError } from "./download/partial-download-error.ts";
export type { FailedFile } from "./download/partial-download-error.ts";
export { syncItem } from "./download/sync-item.ts";
export type { SyncItemOptions } from "./download/sync-item.ts";
export type { DownloadReport, DownloadTask, FileReport, LeftFile } from "./download/report.ts";
export { DiskSink } from "./sink/disk-sink.ts";
export type { Sink } from "./sink/sink.ts";
