import type { DownloadLease } from "@carrel/core";
import { openTransfer } from "./transfer/open-transfer.ts";
import type { TransferStream } from "./transfer/open-transfer.ts";
import type { TransferOptions } from "./transfer/transfer-options.ts";

/**
 * Prepares a file of a lease's item and opens it, bound to the lease: the stream fails with the `SessionLostError` when
 * the lease is lost, and asks the lease for the file again when its transfer URL does not hold any more. The server's
 * checksum, where it tells one after the download, is checked before the stream ends.
 *
 * Cost on the wire: that of `lease.endpoint`, of {@link openTransfer}, and one request for the checksum.
 *
 * @throws `PrepareError` `PREPARE_FAILED`: the server could not make the file ready.
 * @throws `SessionLostError` `SESSION_LOST`: the session ended meanwhile.
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
  const signal = options.signal === undefined ? lease.signal : AbortSignal.any([options.signal, lease.signal]);
  await lease.endpoint(fileName, { signal });
  return openTransfer((request) => lease.endpoint(fileName, request), {
    ...options,
    fileName,
    signal,
    expect: { checksum: async () => (await lease.file(fileName, { signal })).checksum_info, ...options.expect },
  });
}
