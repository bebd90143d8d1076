import type { DownloadLease } from "@carrel/core";
import { LinkedAbort } from "@carrel/core/kit";
import { leaseEnded, LeaseSource, quote } from "@carrel/core/transfer";
import { ConnectionPool } from "../tls/connection-pool.ts";
import type { TransferStream } from "../transfer/open-transfer.ts";
import type { FileStreamOptions } from "./file-stream-options.ts";
import { checkFileStreamOptions, defaultPrepareTimeoutMs, openSourceFile } from "./open-source-file.ts";

/**
 * Prepares a file of a lease's item and opens it, bound to the lease: requests a new endpoint from the lease when the transfer
 * URL is no longer valid, and fails at once when the session is lost or the lease is closed. Keep the lease open until the
 * stream has closed; {@link openItemFile} does that by itself.
 *
 * Before the stream ends, the bytes are compared with everything that is known: the checksum of the session or the library,
 * the OVF manifests of the item, the length. Only the necessary digests are computed where the server states the checksum
 * beforehand; otherwise all four. `facts.verifiedBy` states what the file was compared with. A part of a file (`endByte`, or
 * `startByte` without `prefix`) is not compared with anything. An OVA archive without a checksum or a manifest beforehand is
 * compared with the manifests inside it.
 *
 * Cost on the wire: that of `lease.endpoint` and of {@link openTransfer}; two requests before the bytes and one after; and for
 * each OVF manifest of the item the cost of another file. For a part of a file only the first two.
 *
 * @throws `PrepareError` `PREPARE_FAILED`: the server could not make the file ready.
 * @throws `SessionLostError` `SESSION_LOST`: the session was lost, or the lease was closed (`problem` is `closed`).
 * @throws `TransferError` `TRANSFER`: the item has no such file (`problem` is `no-match`).
 * @throws RangeError or TypeError: an option is out of range, or options contradict each other.
 *
 * @example
 * ```ts
 * import { createWriteStream } from "node:fs";
 * import { pipeline } from "node:stream/promises";
 * import type { CarrelClient } from "@carrel/core";
 * import { openFile } from "@carrel/node-stream";
 *
 * async function saveDisk(client: CarrelClient, itemId: string): Promise<void> {
 *   await using lease = await client.lease(itemId);
 *   await pipeline(await openFile(lease, "disk-0.vmdk"), createWriteStream("disk-0.vmdk"));
 * }
 * ```
 */
export async function openFile(
  lease: DownloadLease,
  fileName: string,
  options: FileStreamOptions = {},
): Promise<TransferStream> {
  checkFileStreamOptions(options);
  options.signal?.throwIfAborted();
  if (lease.signal.aborted) throw leaseEnded(lease.signal.reason, quote(fileName), "before the file was read");
  const pool = options.pool ?? new ConnectionPool(options);
  const release = async (): Promise<void> => {
    if (pool !== options.pool) await pool[Symbol.asyncDispose]();
  };
  using opening = new LinkedAbort(options.signal, lease.signal);
  const timeoutMs = options.prepareTimeoutMs ?? defaultPrepareTimeoutMs;
  try {
    return await openSourceFile({
      source: new LeaseSource(lease, timeoutMs),
      fileName,
      options,
      pool,
      session: options.session,
      renewEndpoint: async (request) => ({
        endpoint: await lease.endpoint(fileName, { ...request, timeoutMs }),
        clientOrigin: lease.origin,
      }),
      signal: opening.signal,
      binding: { lease: lease.signal, release },
    });
  } catch (error) {
    await release();
    options.signal?.throwIfAborted();
    if (!lease.signal.aborted) throw error;
    throw leaseEnded(lease.signal.reason, quote(fileName), "while the file was being prepared");
  }
}
