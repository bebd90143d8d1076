export { fileResponse, readBlob } from "./destinations.ts";
export type { BlobOptions, FileResponseOptions } from "./destinations.ts";
export type { ExistingFiles, FileTarget, OpenTarget } from "./directory.ts";
export { downloadItem } from "./download-item.ts";
export type { DownloadItemOptions, DownloadReport, DownloadTask, FileReport } from "./download-item.ts";
export type { FileStreamOptions } from "./file-options.ts";
export { openFile, openItemFile } from "./open-file.ts";
export { openTransfer } from "./open-transfer.ts";
export type { TransferStream } from "./open-transfer.ts";
export type { TransferOptions } from "./transfer-options.ts";
export type {
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
