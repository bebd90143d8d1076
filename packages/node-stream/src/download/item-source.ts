import type { ChecksumInfo, DownloadFileInfo } from "@carrel/core";
import type { LeasedEndpoint } from "../transfer/transfer-source.ts";

/** A file as the server describes it before it is downloaded. */
export interface SourceFile {
  readonly name: string;
  /** Length as far as it is known; sure only after the download. */
  readonly sizeBytes: number | undefined;
  /** The checksum, where the server tells it beforehand. */
  readonly checksum: ChecksumInfo | undefined;
  /** The content version that this file belongs to, for resuming it. */
  readonly contentVersion: string;
}

/** What the server says of a file after it was downloaded. */
export interface FileFacts {
  readonly sizeBytes: number | undefined;
  readonly checksum: ChecksumInfo | undefined;
}

/** Options of asking for an endpoint. */
export interface EndpointOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (info: DownloadFileInfo) => void;
}

/** Where the files of an item come from: a download session, or static addresses. Disposal ends it on the server. */
export interface ItemSource extends AsyncDisposable {
  /** The item's content version, where there is one. */
  readonly contentVersion: string | undefined;
  /** All files of the item. */
  files(signal: AbortSignal): Promise<readonly SourceFile[]>;
  /** Makes a file ready, and says where it is. Asked again when the endpoint before is worn out. */
  endpoint(fileName: string, options: EndpointOptions): Promise<LeasedEndpoint>;
  /** Asks once more about a file, after its last byte came. */
  facts(file: SourceFile, signal: AbortSignal): Promise<FileFacts>;
  /** Tells the server how far the download is. */
  reportProgress(percent: number): void;
}
