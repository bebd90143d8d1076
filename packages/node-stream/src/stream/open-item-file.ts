import type { CarrelClient } from "@carrel/core";
import { defined, LinkedAbort } from "@carrel/core/kit";
import { patienceOf } from "@carrel/core/transfer";
import type { ItemSource } from "@carrel/core/transfer";
import type { RemoteItem } from "../download/remote-item.ts";
import { VcenterItem } from "../download/vcenter-item.ts";
import { ConnectionPool } from "../tls/connection-pool.ts";
import type { TransferStream } from "../transfer/open-transfer.ts";
import type { FileStreamOptions } from "./file-stream-options.ts";
import { checkFileStreamOptions, defaultPrepareTimeoutMs, openSourceFile } from "./open-source-file.ts";

/**
 * Opens one file of an item as a stream that owns its download session: the session is created, kept alive, replaced by a
 * new one on the same content version when it is lost, and ended before the stream closes, whatever closes it: its end, an
 * error, an abort, a consumer that leaves. So the stream can be returned, for example from an HTTP handler. Read it or destroy
 * it: an abandoned stream keeps its session open.
 *
 * Before the stream ends, the bytes are compared with everything that is known, as by {@link openFile}.
 *
 * A session that cannot be ended on the server is reported as the client's diagnostic event `left-open`, and is not an error of
 * the stream.
 *
 * Cost on the wire: that of a lease (`client.lease`), and of {@link openFile}.
 *
 * @throws `ServerError` `NOT_FOUND`: no such item. `AUTH`: the privilege ContentLibrary.DownloadSession is missing.
 * @throws `PrepareError` `PREPARE_FAILED`: the server could not make the file ready.
 * @throws `TransferError` `TRANSFER`: the item has no such file (`problem` is `no-match`).
 * @throws `SessionLostError` `SESSION_LOST`: sessions were lost too often, or the client was closed (`problem` is `closed`).
 * @throws RangeError or TypeError: an option is out of range, or options contradict each other.
 *
 * @example
 * ```ts
 * import { Readable } from "node:stream";
 * import type { CarrelClient } from "@carrel/core";
 * import { openItemFile } from "@carrel/node-stream";
 *
 * async function handle(client: CarrelClient, itemId: string, fileName: string, request: Request): Promise<Response> {
 *   const stream = await openItemFile(client, itemId, fileName, { signal: request.signal });
 *   const { totalBytes } = await stream.opened;
 *   const headers = new Headers(totalBytes === undefined ? {} : { "content-length": String(totalBytes) });
 *   return new Response(Readable.toWeb(stream) as ReadableStream, { headers });
 * }
 * ```
 */
export async function openItemFile(
  client: CarrelClient,
  itemId: string,
  fileName: string,
  options: FileStreamOptions = {},
): Promise<TransferStream> {
  return await openFileFrom(new VcenterItem(client, itemId), fileName, options);
}

/**
 * Opens one file of an item, wherever the item is, as {@link openItemFile} does.
 *
 * @private Does not follow semantic versioning.
 */
export async function openFileFrom(
  from: RemoteItem,
  fileName: string,
  options: FileStreamOptions = {},
): Promise<TransferStream> {
  checkFileStreamOptions(options);
  options.signal?.throwIfAborted();
  const pool = options.pool ?? new ConnectionPool(options);
  // Also aborted when the stream is closed, so that a session that is being opened at that moment is ended as well.
  const life = new LinkedAbort(options.signal);
  let source: ItemSource | undefined;
  const release = async (): Promise<void> => {
    life.abort(new DOMException("The stream was closed", "AbortError"));
    life[Symbol.dispose]();
    await source?.[Symbol.asyncDispose]();
    if (pool !== options.pool) await pool[Symbol.asyncDispose]();
  };
  try {
    const prepareTimeoutMs = options.prepareTimeoutMs ?? defaultPrepareTimeoutMs;
    const open = (): Promise<ItemSource> =>
      from.open({ isStatic: false, signal: life.signal, prepareTimeoutMs, onSession: () => {} });
    const opened = await patienceOf(options)(open, life.signal);
    source = opened;
    return await openSourceFile({
      source: opened,
      fileName,
      options,
      pool,
      session: options.session ?? from.session,
      renewEndpoint: ({ signal, cause }) => opened.endpoint(fileName, { signal, ...defined({ cause }) }),
      signal: life.signal,
      binding: { release },
    });
  } catch (error) {
    await release();
    options.signal?.throwIfAborted();
    throw error;
  }
}
