import type { ChecksumInfo, DownloadLease } from "@carrel/core";
import { quote } from "./files/names.ts";
import { leaseOver, TransferReadable } from "./transfer/open-transfer.ts";
import type { TransferStream } from "./transfer/open-transfer.ts";
import { isPart } from "./transfer/settings.ts";
import type { TransferOptions } from "./transfer/transfer-options.ts";

/**
 * Prepares a file of a lease's item and opens it, bound to the lease: asks the lease for the file again when its transfer
 * URL does not hold any more, and fails at once when the session is lost or the lease is closed. Keep the lease until the
 * stream has closed. The server's checksum, where it states one after the download, is compared before the stream ends.
 *
 * Cost on the wire: that of `lease.endpoint`, of {@link openTransfer}, and one request for the checksum.
 *
 * @throws `PrepareError` `PREPARE_FAILED`: the server could not make the file ready.
 * @throws `SessionLostError` `SESSION_LOST`: the session was lost, or the lease was closed (`problem` is `closed`).
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
  options: TransferOptions = {},
): Promise<TransferStream> {
  const { signal } = options;
  if (lease.signal.aborted) throw leaseOver(lease.signal.reason, quote(fileName), "before the file was read");
  try {
    await lease.endpoint(fileName, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    if (lease.signal.aborted)
      throw leaseOver(lease.signal.reason, quote(fileName), "while the file was being prepared");
    throw error;
  }
  const checksum = async (): Promise<ChecksumInfo | undefined> => (await lease.file(fileName)).checksum_info;
  return new TransferReadable(
    (request) => lease.endpoint(fileName, request),
    { ...options, fileName, expect: { ...(!isPart(options) && { checksum }), ...options.expect } },
    { lease: lease.signal },
  );
}
