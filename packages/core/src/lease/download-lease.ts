/// <reference lib="esnext.disposable" preserve="true" />
import type { CallOptions } from "../call-options.ts";
import type { DownloadFileInfo, EndpointType, ItemFileInfo, TransferEndpoint } from "../gen/models.gen.ts";
import type { LeaseSnapshot } from "./lease-snapshot.ts";

/** Options of {@link CarrelClient.lease}. */
export interface LeaseOptions extends CallOptions {
  /**
   * Renew when this share of the granted time has passed, less a random part of up to a tenth. Between 0 and 1.
   * @defaultValue 1 / 3
   */
  readonly renewAt?: number;
  /**
   * What disposal does to the session on the server. `cancel` also aborts running transfers of others; `keep` leaves
   * it to whoever adopts it, or to expire.
   * @defaultValue "delete"
   */
  readonly onClose?: "delete" | "cancel" | "keep";
  /**
   * Identifier of an existing session to take over instead of creating one.
   * @defaultValue none
   */
  readonly adopt?: string;
  /**
   * The content version that the session must be on. For going on after a loss: the bytes that are there already are
   * of this version only. A session on another one is ended again.
   * @defaultValue any
   */
  readonly contentVersion?: string;
}

/** Options of {@link DownloadLease.prepare}. */
export interface PrepareOptions extends CallOptions {
  /**
   * Gives up when the server made no progress for this long. Counted anew whenever `bytes_transferred` grows.
   * @defaultValue 300_000
   */
  readonly timeoutMs?: number;
  /** @defaultValue "HTTPS" */
  readonly endpointType?: EndpointType;
  /**
   * Told at each look: how far the server is.
   * @defaultValue none
   */
  readonly onProgress?: (info: DownloadFileInfo) => void;
}

/** Options of {@link DownloadLease.endpoint}. */
export interface EndpointOptions extends PrepareOptions {
  /**
   * An endpoint of this file that does not work any more.
   * @defaultValue none
   */
  readonly rejected?: TransferEndpoint;
}

/**
 * A download session with its keep-alive, from {@link CarrelClient.lease}.
 *
 * @example
 * ```ts
 * import type { CarrelClient } from "@carrel/core";
 *
 * async function transferUrl(client: CarrelClient, itemId: string, fileName: string): Promise<void> {
 *   await using lease = await client.lease(itemId);
 *   const endpoint = await lease.prepare(fileName);
 *   // read endpoint.uri here; lease.signal aborts when the session is over
 * }
 * ```
 */
export interface DownloadLease extends AsyncDisposable {
  /** Identifier of the download session on the server. */
  readonly id: string;
  readonly itemId: string;
  /** Scheme, host and port of the vCenter, as the client is connected to it. */
  readonly origin: string;
  /**
   * Aborts with a `SessionLostError` as soon as the session is lost (`problem` is `lost`) or the lease is closed
   * (`closed`). Pass it to whatever uses the endpoints.
   */
  readonly signal: AbortSignal;
  /** The present state. Frozen; replaced on each change, never mutated, so reference equality is change detection. */
  getSnapshot(): LeaseSnapshot;
  /** Calls back after each change of the snapshot; returns the way to stop. */
  subscribe(onChange: () => void): () => void;
  /** The present snapshot and each later one; ends when the lease ends, throws `SessionLostError` when it is lost. */
  [Symbol.asyncIterator](): AsyncIterator<LeaseSnapshot>;
  /** Progress in percent, sent with the next renewal. Values that are not higher than the last one are ignored. */
  reportProgress(percent: number): void;
  /**
   * The files of the session, with the state of preparation of each.
   *
   * Cost on the wire: one request.
   */
  files(options?: CallOptions): Promise<readonly DownloadFileInfo[]>;
  /**
   * One file of the session. After the download it may carry the server's checksum.
   *
   * Cost on the wire: one request.
   */
  file(fileName: string, options?: CallOptions): Promise<DownloadFileInfo>;
  /**
   * The item's files as the library lists them. It may state checksums that the session states only after the download,
   * or never.
   *
   * Cost on the wire: one request.
   */
  itemFiles(options?: CallOptions): Promise<readonly ItemFileInfo[]>;
  /**
   * Asks for a file and waits until it is prepared.
   *
   * Cost on the wire: one request when the server is ready at once, else one more for each look, with a growing pause
   * of 0.25 to 5 s in between.
   *
   * @throws {@link PrepareError} `PREPARE_FAILED`: the server reported an error, or made no progress in time.
   * @throws {@link SessionLostError} `SESSION_LOST`: the session ended meanwhile.
   */
  prepare(fileName: string, options?: PrepareOptions): Promise<TransferEndpoint>;
  /**
   * The file's current endpoint: prepared at the first call, then the same one, until a caller says that it was
   * `rejected` (by a 401, 403 or 404 of the transfer, say); then a fresh one, shared by all who ask.
   *
   * Cost on the wire: that of {@link prepare} at the first call and after a rejection, else nothing.
   *
   * @throws {@link PrepareError} `PREPARE_FAILED`, {@link SessionLostError} `SESSION_LOST`: as {@link prepare}.
   */
  endpoint(fileName: string, options?: EndpointOptions): Promise<TransferEndpoint>;
  /**
   * Ends the lease, and the session on the server as `onClose` says. What `await using` does at the end of its block.
   * Aborts {@link signal} at once. Never rejects: a session that cannot be ended is the diagnostic event `left-open`.
   *
   * Cost on the wire: one request, up to three where it fails, within 5 s; none where the session is kept.
   */
  close(): Promise<void>;
}
