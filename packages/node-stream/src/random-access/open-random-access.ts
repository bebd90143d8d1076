import type { CarrelClient } from "@carrel/core";
import { checkNumber, defined, LinkedAbort } from "@carrel/core/kit";
import { patienceOf } from "@carrel/core/transfer";
import type { ItemSource, TransferSource } from "@carrel/core/transfer";
import type { RemoteItem } from "../download/remote-item.ts";
import { VcenterItem } from "../download/vcenter-item.ts";
import { ConnectionPool } from "../tls/connection-pool.ts";
import { readTransferSettings } from "../transfer/settings.ts";
import { RandomAccessFile } from "./random-access.ts";
import type { RandomAccess, RandomAccessOptions } from "./random-access.ts";

const defaultPrepareTimeoutMs = 300_000;

/**
 * Opens a transfer URL for reading at any position, by ranges: a few bytes of a large file without the rest of it. Nothing
 * of what is read is verified, because a checksum covers whole files; that all of it is of one version is checked where the
 * server sends an ETag or Last-Modified.
 *
 * Cost on the wire: one request for the first `readAheadBytes`, and one for each read that the one before did not fetch.
 *
 * @throws `TransferError` `TRANSFER`: the server does not honour ranges, or does not state the length (`problem` is
 * `no-range`); or as from `openTransfer`.
 * @throws RangeError or TypeError: an option is out of range.
 *
 * @example
 * ```ts
 * import type { TransferEndpoint } from "@carrel/core";
 * import { openRandomAccess } from "@carrel/node-stream";
 *
 * async function lastBlock(endpoint: TransferEndpoint): Promise<Uint8Array> {
 *   await using file = await openRandomAccess(endpoint);
 *   return await file.read(Math.max(file.sizeBytes - 512, 0), 512);
 * }
 * ```
 */
export async function openRandomAccess(
  source: TransferSource,
  options: RandomAccessOptions = {},
): Promise<RandomAccess> {
  checkOptions(options);
  options.signal?.throwIfAborted();
  const pool = options.pool ?? new ConnectionPool(options);
  const release = async (): Promise<void> => {
    if (pool !== options.pool) await pool[Symbol.asyncDispose]();
  };
  try {
    return await RandomAccessFile.open(source, options, { pool, release });
  } catch (error) {
    await release();
    throw error;
  }
}

/** Options of {@link openItemRandomAccess}. */
export interface ItemRandomAccessOptions extends Omit<RandomAccessOptions, "fileName"> {
  /**
   * Gives up when the server makes no progress in preparing the file for this long, in milliseconds, at most
   * 2_147_483_647, about 24 days.
   * @defaultValue 300_000
   */
  readonly prepareTimeoutMs?: number;
}

/**
 * Opens a file of an item for reading at any position, as {@link openRandomAccess} does, under a download session of its
 * own: it is kept alive, replaced when it is lost (on the same content version, or reading fails), and ended by the disposal.
 *
 * Cost on the wire: that of a lease (`client.lease`), of preparing the file, and of {@link openRandomAccess}.
 *
 * @throws `ServerError` `NOT_FOUND`: no such item. `AUTH`: the privilege ContentLibrary.DownloadSession is missing.
 * @throws `PrepareError` `PREPARE_FAILED`: the item has no such file, or the server could not make it ready.
 * @throws `TransferError` `TRANSFER`: as from {@link openRandomAccess}.
 * @throws `SessionLostError` `SESSION_LOST`: sessions were lost too often, or the client was closed (`problem` is `closed`).
 * @throws RangeError or TypeError: an option is out of range.
 *
 * @example
 * ```ts
 * import type { CarrelClient } from "@carrel/core";
 * import { openItemRandomAccess } from "@carrel/node-stream";
 * import { listOva } from "@carrel/node-stream/ovf";
 *
 * async function disksIn(client: CarrelClient, itemId: string, fileName: string): Promise<readonly string[]> {
 *   await using archive = await openItemRandomAccess(client, itemId, fileName);
 *   const { members = [] } = (await listOva(archive)) ?? {};
 *   return members.map(({ name }) => name).filter((name) => name.endsWith(".vmdk"));
 * }
 * ```
 */
export async function openItemRandomAccess(
  client: CarrelClient,
  itemId: string,
  fileName: string,
  options: ItemRandomAccessOptions = {},
): Promise<RandomAccess> {
  return await openRandomAccessFrom(new VcenterItem(client, itemId), fileName, options);
}

/**
 * Opens a file of an item for reading at any position, wherever the item is, as {@link openItemRandomAccess} does.
 *
 * @private Does not follow semantic versioning.
 */
export async function openRandomAccessFrom(
  from: RemoteItem,
  fileName: string,
  options: ItemRandomAccessOptions = {},
): Promise<RandomAccess> {
  const { prepareTimeoutMs = defaultPrepareTimeoutMs, ...own } = options;
  checkOptions(own);
  checkNumber("prepareTimeoutMs", prepareTimeoutMs, { from: 1, to: 2_147_483_647, whole: true });
  own.signal?.throwIfAborted();
  const pool = own.pool ?? new ConnectionPool(own);
  // Also aborted by the disposal, so that a session that is being opened at that moment is ended as well.
  const life = new LinkedAbort(own.signal);
  let source: ItemSource | undefined;
  const release = async (): Promise<void> => {
    life.abort(new DOMException("The file was closed", "AbortError"));
    life[Symbol.dispose]();
    await source?.[Symbol.asyncDispose]();
    if (pool !== own.pool) await pool[Symbol.asyncDispose]();
  };
  try {
    const open = (): Promise<ItemSource> =>
      from.open({ isStatic: false, signal: life.signal, prepareTimeoutMs, onSession: () => {} });
    const opened = (source = await patienceOf(own)(open, life.signal));
    const endpoints: TransferSource = ({ signal, cause }) =>
      opened.endpoint(fileName, { signal, ...defined({ cause }) });
    const settings = { ...own, fileName, ...defined({ session: own.session ?? from.session }), signal: life.signal };
    return await RandomAccessFile.open(endpoints, settings, { pool, release });
  } catch (error) {
    await release();
    own.signal?.throwIfAborted();
    throw error;
  }
}

function checkOptions({ readAheadBytes = 1, maxFetchedBytes = 1, ...options }: RandomAccessOptions): void {
  readTransferSettings(options);
  checkNumber("readAheadBytes", readAheadBytes, { from: 1, whole: true });
  checkNumber("maxFetchedBytes", maxFetchedBytes, { from: 1, to: Infinity });
}
