import type { LeaseSession } from "@carrel/core";
import type { Digest, ItemSource } from "@carrel/core/transfer";
import type { TransferSession } from "../transfer/transfer-options.ts";

/**
 * A file as the library lists it.
 *
 * @private Does not follow semantic versioning.
 */
export interface ListedFile {
  readonly name: string;
  /** The checksum that the library states. */
  readonly checksum: Digest | undefined;
}

/**
 * How a source is opened.
 *
 * @private Does not follow semantic versioning.
 */
export interface OpenSourceOptions {
  readonly signal: AbortSignal;
  /** Whether static URLs are used, where the server has them as well as sessions. */
  readonly isStatic: boolean;
  /** How long the server may make no progress in preparing a file. */
  readonly prepareTimeoutMs: number;
  /** Called with each download session that is opened, where the server has them. */
  readonly onSession: (session: LeaseSession) => void;
}

/**
 * How content is fetched that is not at the server.
 *
 * @private Does not follow semantic versioning.
 */
export interface SynchronizeOptions {
  readonly signal: AbortSignal;
  /** How long; an hour where it is absent. */
  readonly timeoutMs?: number;
  readonly onRequested: () => void;
}

/**
 * An item that can be downloaded, wherever it is: at a vCenter, or in a library that a web server publishes.
 *
 * @private Does not follow semantic versioning.
 */
export interface RemoteItem {
  readonly itemId: string;
  /** Scheme, host and port of its server. Only there are partial files of it resumed. */
  readonly origin: string;
  /** Sends the API session id to the server's own origin, where it has sessions. */
  readonly session: TransferSession | undefined;
  /** The content version that the item has now, without opening its source; `undefined` where that cannot be known. */
  contentVersion(signal: AbortSignal): Promise<string | undefined>;
  /** The files that the library lists, without opening the source; `undefined` where the server refuses to list them. */
  listFiles(signal: AbortSignal): Promise<readonly ListedFile[] | undefined>;
  /** Has content fetched that is not there, and waits for it. */
  synchronize(options: SynchronizeOptions): Promise<void>;
  /** Opens the source of its files. */
  open(options: OpenSourceOptions): Promise<ItemSource>;
}
