/// <reference lib="esnext.disposable" preserve="true" />
import type { CallOptions } from "../call-options.ts";
import type { DownloadFileInfo, EndpointType, ItemFileInfo, TransferEndpoint } from "../gen/models.gen.ts";
import type { LeaseSnapshot } from "./lease-snapshot.ts";

/** Options of {@link CarrelClient.lease}. */
export interface LeaseOptions extends CallOptions {
  /**
   * Renews the session when this share of the granted time has passed, less a random part of up to a tenth. Between 0
   * and 1 (exclusive).
   * @defaultValue 1 / 3
   */
  readonly renewAt?: number;
  /**
   * What happens to the session on the server when the lease is closed. `cancel` also aborts running transfers of other
   * clients; `keep` leaves the session for another client to adopt, or to expire.
   * @defaultValue "delete"
   */
  readonly onClose?: "delete" | "cancel" | "keep";
  /**
   * The identifier of an existing session to take over instead of creating one.
   * @defaultValue none
   */
  readonly adopt?: string;
  /**
   * A UUID that makes the creation of the session safe to repeat, also by another process: the same token leads to the same
   * session for as long as it exists.
   * @defaultValue a new UUID
   */
  readonly clientToken?: string;
  /**
   * The content version that the session must have. To resume after a loss, because the bytes fetched before belong to
   * this version only. A new session with another version is ended again, and the call rejects with an
   * `IntegrityError`.
   * @defaultValue any
   */
  readonly contentVersion?: string;
}

/** Options of {@link DownloadLease.prepare}. */
export interface PrepareOptions extends CallOptions {
  /**
   * Gives up when the server makes no progress for this long, in milliseconds. The time starts again whenever
   * `bytes_transferred` grows.
   * @defaultValue 300_000
   */
  readonly timeoutMs?: number;
  /**
   * How the file will be read.
   * @defaultValue "HTTPS"
   */
  readonly endpointType?: EndpointType;
  /**
   * Called at each answer, with the progress of the server.
   * @defaultValue none
   */
  readonly onProgress?: (info: DownloadFileInfo) => void;
}

/** Options of {@link DownloadLease.endpoint}. */
export interface EndpointOptions extends PrepareOptions {
  /**
   * An endpoint of this file that no longer works.
   * @defaultValue none
   */
  readonly rejected?: TransferEndpoint;
}

/**
 * A download session that is kept alive. {@link CarrelClient.lease} opens one.
 *
 * @example
 * ```ts
 * import type { CarrelClient } from "@carrel/core";
 *
 * async function transferUrl(client: CarrelClient, itemId: string, fileName: string): Promise<void> {
 *   await using lease = await client.lease(itemId);
 *   const endpoint = await lease.prepare(fileName);
 *   // read endpoint.uri here; lease.signal aborts when the session has ended
 * }
 * ```
 */
export interface DownloadLease extends AsyncDisposable {
  /** The identifier of the download session on the server. */
  readonly id: string;
  readonly itemId: string;
  /** Scheme, host and port of the vCenter that the client is connected to. */
  readonly origin: string;
  /**
   * Aborts with a `SessionLostError` as soon as the session is lost (`problem` is `lost`) or the lease is closed
   * (`closed`). Pass it to whatever uses the endpoints.
   */
  readonly signal: AbortSignal;
  /** Returns the current state. It is frozen and replaced at each change, so comparing references detects changes. */
  getSnapshot(): LeaseSnapshot;
  /** Calls back after each change of the snapshot. Returns a function that stops it. */
  subscribe(onChange: () => void): () => void;
  /**
   * Yields the current snapshot and each later one. Ends when the lease ends, throws a `SessionLostError` when it is
   * lost.
   */
  [Symbol.asyncIterator](): AsyncIterator<LeaseSnapshot>;
  /** Reports the progress in percent with the next renewal. A value that is not higher than the last one is ignored. */
  reportProgress(percent: number): void;
  /**
   * Lists the files of the session, each with its state of preparation.
   *
   * Cost on the wire: one request.
   */
  files(options?: CallOptions): Promise<readonly DownloadFileInfo[]>;
  /**
   * Reads one file of the session. After the download it may have the server's checksum.
   *
   * Cost on the wire: one request.
   */
  file(fileName: string, options?: CallOptions): Promise<DownloadFileInfo>;
  /**
   * Lists the files of the item as the library has them, which may include checksums that the session states only after
   * the download, or never.
   *
   * Cost on the wire: one request.
   */
  itemFiles(options?: CallOptions): Promise<readonly ItemFileInfo[]>;
  /**
   * Requests a file and waits until it is prepared.
   *
   * Cost on the wire: one request when the file is prepared at once, otherwise one more for each check, with a pause
   * that grows from 0.25 to 5 s in between.
   *
   * @throws {@link PrepareError} `PREPARE_FAILED`: the server reported an error, or made no progress within
   * `timeoutMs`.
   * @throws {@link SessionLostError} `SESSION_LOST`: the session ended in the meantime.
   * @throws TypeError, RangeError where `timeoutMs` is not a number of at least 0.
   */
  prepare(fileName: string, options?: PrepareOptions): Promise<TransferEndpoint>;
  /**
   * Returns the current endpoint of the file: prepared at the first call and then reused, until a caller reports that
   * it was `rejected` (by a 401, 403 or 404 of the transfer, say). Then a fresh one is prepared once for all callers.
   *
   * Cost on the wire: that of {@link prepare} at the first call and after a rejection, otherwise nothing.
   *
   * @throws {@link PrepareError} `PREPARE_FAILED`, {@link SessionLostError} `SESSION_LOST`: as {@link prepare}.
   */
  endpoint(fileName: string, options?: EndpointOptions): Promise<TransferEndpoint>;
  /**
   * Ends the lease, and the session on the server as `onClose` says. `await using` calls it at the end of its block.
   * Aborts {@link signal} at once. Never rejects: a session that cannot be ended is reported as the diagnostic event
   * `left-open`.
   *
   * Cost on the wire: one request, or up to three where it fails, within 5 s; none where the session is kept.
   */
  close(): Promise<void>;
}
