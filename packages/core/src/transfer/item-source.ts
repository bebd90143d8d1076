import { ServerError } from "../errors/call-errors.ts";
import type { CarrelError } from "../errors/carrel-error.ts";
import type { DownloadFileInfo, ItemFileInfo } from "../gen/models.gen.ts";
import { readChecksum, readSizeBytes, strongerOf } from "./checksum.ts";
import type { Digest } from "./checksum.ts";
import type { TransferValidator } from "./response-head.ts";
import type { LeasedEndpoint } from "./transfer-source.ts";

/**
 * A file as the server describes it before the download.
 *
 * @private Does not follow semantic versioning.
 */
export interface SourceFile {
  readonly name: string;
  /** The length, if it is known; certain only after the download. */
  readonly sizeBytes: number | undefined;
  /** The server's checksum, if it states a usable one before the download. */
  readonly checksum: Digest | undefined;
  /** The content version that the file belongs to: only bytes of the same version are resumed. */
  readonly contentVersion: string;
  /** Where its bytes are, if they are a part of another file, such as an archive. Then `sizeBytes` is known. */
  readonly within?: FileWindow;
}

/**
 * Where the bytes of a file are in the file that its endpoint serves.
 *
 * @private Does not follow semantic versioning.
 */
export interface FileWindow {
  /** Position of its first byte. */
  readonly startByte: number;
  /** Length of the file that is served. */
  readonly wholeBytes: number;
  /** ETag and Last-Modified of that file, which must stay the same. */
  readonly validator: TransferValidator;
}

/**
 * What the server states about a file now.
 *
 * @private Does not follow semantic versioning.
 */
export interface FileFacts {
  readonly sizeBytes: number | undefined;
  /** The server's checksum, including one that it stated before the download. */
  readonly checksum: Digest | undefined;
  /** Whether the server has nothing to add, as it may after a download. */
  readonly isFinal: boolean;
}

/**
 * Options of having a file prepared.
 *
 * @private Does not follow semantic versioning.
 */
export interface PreparationOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (info: DownloadFileInfo) => void;
  /** Why the endpoint before failed; absent the first time. */
  readonly cause?: CarrelError;
}

/**
 * Where the files of an item come from: a download session, static URLs, or a web server. Disposal ends it on the server.
 *
 * @private Does not follow semantic versioning.
 */
export interface ItemSource extends AsyncDisposable {
  /** The item's content version, if it has one. */
  readonly contentVersion: string | undefined;
  /** Stands for the server: what is learned about its habits holds for all sources with the same object. */
  readonly server: object;
  /** The error that ended the source for good; `undefined` while it serves. */
  readonly failure: unknown;
  /** Lists all files of the item. */
  files(signal: AbortSignal): Promise<readonly SourceFile[]>;
  /** Has a file prepared, and returns its endpoint. Called again when an earlier endpoint stopped working. */
  endpoint(fileName: string, options: PreparationOptions): Promise<LeasedEndpoint>;
  /** Asks the server again about a file. */
  facts(file: SourceFile, signal: AbortSignal): Promise<FileFacts>;
  /** Reports to the server how far the download is. */
  reportProgress(percent: number): void;
}

/**
 * Lists the files of an item as the library knows them, by a call that the caller chooses; `undefined` if the server refuses to
 * list them, as 9.x does over names that do not fit into a URL, and as a server may if the user has the right to download but
 * not to read. The list only adds to what is known (checksums, files that need not be downloaded), so a refusal is not a
 * failure. That the item does not exist, and that the server is busy, concern the work itself and are thrown.
 *
 * @private Does not follow semantic versioning.
 */
export async function libraryFiles(
  list: () => Promise<readonly ItemFileInfo[]>,
): Promise<readonly ItemFileInfo[] | undefined> {
  try {
    return await list();
  } catch (error) {
    if (error instanceof ServerError && error.code !== "NOT_FOUND" && error.code !== "BUSY") return undefined;
    throw error;
  }
}

/**
 * Describes the files of a session, each with the stronger of the checksums that the session and the library state.
 *
 * @private Does not follow semantic versioning.
 */
export function describeFiles(
  inSession: readonly DownloadFileInfo[],
  inLibrary: readonly ItemFileInfo[] | undefined,
  contentVersion: string,
): readonly SourceFile[] {
  const checksums = new Map(inLibrary?.map(({ name, checksum_info }) => [name, readChecksum(checksum_info)]));
  return inSession.map(({ name, size, checksum_info }) => ({
    name,
    sizeBytes: readSizeBytes(size),
    checksum: strongerOf(readChecksum(checksum_info), checksums.get(name)),
    contentVersion,
  }));
}

/**
 * Reads what a session states about a file now.
 *
 * @private Does not follow semantic versioning.
 */
export function readFacts({ size, checksum_info }: DownloadFileInfo, file: SourceFile): FileFacts {
  return { sizeBytes: readSizeBytes(size), checksum: readChecksum(checksum_info) ?? file.checksum, isFinal: false };
}
