import { ServerError } from "@carrel/core";
import type { CarrelClient, DownloadFileInfo, ItemFileInfo } from "@carrel/core";
import type { Digest } from "../files/checksum.ts";
import type { LeasedEndpoint } from "../transfer/transfer-options.ts";

/** A file as the server describes it before it is downloaded. */
export interface SourceFile {
  readonly name: string;
  /** Length as far as it is known; sure only after the download. */
  readonly sizeBytes: number | undefined;
  /** The server's checksum, where it states a usable one before the download. */
  readonly checksum: Digest | undefined;
  /** The content version that this file belongs to, for resuming it. */
  readonly contentVersion: string;
}

/** What the server says of a file now. */
export interface FileFacts {
  readonly sizeBytes: number | undefined;
  /** The server's checksum, also one that was stated before. */
  readonly checksum: Digest | undefined;
  /** Whether asking again cannot bring more, as it may after a download. */
  readonly isFinal: boolean;
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
  /** What stands for the server: what is learned of its habits is learned for all sources with the same. */
  readonly server: object;
  /** What the source failed with for good; `undefined` as long as it serves. */
  readonly failure: unknown;
  /** All files of the item. */
  files(signal: AbortSignal): Promise<readonly SourceFile[]>;
  /** Makes a file ready, and says where it is. Asked again when the endpoint before is worn out. */
  endpoint(fileName: string, options: EndpointOptions): Promise<LeasedEndpoint>;
  /** Asks about a file once more. */
  facts(file: SourceFile, signal: AbortSignal): Promise<FileFacts>;
  /** Tells the server how far the download is. */
  reportProgress(percent: number): void;
}

/**
 * What the library knows of the item's files: it may tell checksums that a session tells only after the download.
 * A server that refuses to list them (as 9.x does over names that fit in no URL) is not asked twice.
 */
export async function itemFiles(
  client: CarrelClient,
  itemId: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ItemFileInfo>> {
  try {
    const files = await client.item.file.list(itemId, { signal });
    return new Map(files.map((file) => [file.name, file]));
  } catch (error) {
    if (error instanceof ServerError && error.code !== "NOT_FOUND" && error.code !== "BUSY") return new Map();
    throw error;
  }
}
