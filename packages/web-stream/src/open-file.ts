import type { CarrelClient, DownloadLease } from "@carrel/core";
import { defined, LinkedAbort } from "@carrel/core/kit";
import { leaseEnded, LeaseSource, patienceOf, quote, SessionSource } from "@carrel/core/transfer";
import { checkFileOptions, defaultPrepareTimeoutMs } from "./file-options.ts";
import type { FileStreamOptions } from "./file-options.ts";
import { openSourceFile } from "./open-source-file.ts";
import type { TransferStream } from "./open-transfer.ts";

/**
 * Prepares a file of a lease's item and opens it, bound to the lease: requests a new endpoint from the lease when the transfer
 * URL is no longer valid, and fails at once when the session is lost or the lease is closed. Keep the lease open until the
 * stream has ended; {@link openItemFile} does that by itself.
 *
 * Before the stream ends, the bytes are compared with everything that is known: the checksum of the session or the library,
 * the OVF manifests of the item, the length. `facts.verifiedBy` states what the file was compared with. A part of a file is not
 * compared with anything, and an OVA archive not with the manifests inside it.
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
 * import type { CarrelClient } from "@carrel/core";
 * import { openFile } from "@carrel/web-stream";
 *
 * async function descriptorOf(client: CarrelClient, itemId: string, fileName: string): Promise<string> {
 *   await using lease = await client.lease(itemId);
 *   return await new Response(await openFile(lease, fileName)).text();
 * }
 * ```
 */
export async function openFile(
  lease: DownloadLease,
  fileName: string,
  options: FileStreamOptions = {},
): Promise<TransferStream> {
  checkFileOptions(options);
  options.signal?.throwIfAborted();
  if (lease.signal.aborted) throw leaseEnded(lease.signal.reason, quote(fileName), "before the file was read");
  const opening = new LinkedAbort(options.signal, lease.signal);
  const timeoutMs = options.prepareTimeoutMs ?? defaultPrepareTimeoutMs;
  try {
    return await openSourceFile({
      source: new LeaseSource(lease, timeoutMs),
      fileName,
      options,
      renewEndpoint: async (request) => ({
        endpoint: await lease.endpoint(fileName, { ...request, timeoutMs }),
        clientOrigin: lease.origin,
      }),
      signal: opening.signal,
      binding: { lease: lease.signal, clientOrigin: lease.origin },
    });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!lease.signal.aborted) throw error;
    throw leaseEnded(lease.signal.reason, quote(fileName), "while the file was being prepared");
  } finally {
    opening.unlink();
  }
}

/**
 * Opens one file of an item as a stream that owns its download session: the session is created, kept alive, replaced by a
 * new one on the same content version when it is lost, and ended before the stream ends, whatever ends it: its last byte, an
 * error, an abort, a reader that cancels. So the stream can be returned, for example in a `Response`. Read it or cancel it: an
 * abandoned stream keeps its session open.
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
 * @example Saves a file where the user chooses; nothing is there before all of it is verified.
 * ```ts
 * import type { CarrelClient } from "@carrel/core";
 * import { openItemFile } from "@carrel/web-stream";
 *
 * async function save(client: CarrelClient, itemId: string, fileName: string, handle: FileSystemFileHandle): Promise<void> {
 *   const stream = await openItemFile(client, itemId, fileName);
 *   await stream.pipeTo(await handle.createWritable()); // aborted where the stream fails, so that nothing is written
 * }
 * ```
 */
export async function openItemFile(
  client: CarrelClient,
  itemId: string,
  fileName: string,
  options: FileStreamOptions = {},
): Promise<TransferStream> {
  checkFileOptions(options);
  options.signal?.throwIfAborted();
  // Also aborted when the stream ends, so that a session that is being opened at that moment is ended as well.
  const life = new LinkedAbort(options.signal);
  const { signal } = life;
  let source: SessionSource | undefined;
  const release = async (): Promise<void> => {
    life.abort(new DOMException("The stream has ended", "AbortError"));
    life.unlink();
    await source?.[Symbol.asyncDispose]();
  };
  try {
    const prepareTimeoutMs = options.prepareTimeoutMs ?? defaultPrepareTimeoutMs;
    const open = (): Promise<SessionSource> =>
      SessionSource.open({ client, itemId, signal, prepareTimeoutMs, onSession: () => {} });
    const opened = await patienceOf(options)(open, signal);
    source = opened;
    return await openSourceFile({
      source: opened,
      fileName,
      options,
      renewEndpoint: (request) =>
        opened.endpoint(fileName, { signal: request.signal, ...defined({ cause: request.cause }) }),
      signal,
      binding: { release, clientOrigin: client.origin },
    });
  } catch (error) {
    await release();
    options.signal?.throwIfAborted();
    throw error;
  }
}
