import { leaseEnded } from "@carrel/core/transfer";
import { Readable } from "node:stream";
import { defined } from "@carrel/core/kit";
import { ConnectionPool } from "../tls/connection-pool.ts";
import { publicError, publish } from "./channels.ts";
import { readTransferSettings } from "./settings.ts";
import type { TransferBinding } from "./settings.ts";
import { Transfer } from "./transfer.ts";
import type { TransferFacts, TransferHead, TransferSource } from "@carrel/core/transfer";
import type { TransferOptions } from "./transfer-options.ts";

/** The bytes of a file, with what is known of them so far. */
export interface TransferStream extends Readable {
  /**
   * Offset in the file of the next byte from the network. Bytes that are still in the stream's own buffer count as
   * received.
   */
  readonly receivedBytes: number;
  /**
   * Offset in the file of the next byte to be read from the stream: how far its consumer is. Counts bytes, so do not call
   * `setEncoding`.
   */
  readonly consumedBytes: number;
  /** Length of the whole file, in bytes, once it is known. */
  readonly totalBytes: number | undefined;
  /** Bytes that arrived over the network, those read more than once included. */
  readonly fetchedBytes: number;
  /**
   * What the server states about the file before its bytes, such as its length for a `Content-Length`. Reading the property
   * begins the transfer, and fetches up to `highWaterMark` bytes ahead. Rejects where the stream fails or is destroyed
   * before; without a handler that is not an unhandled rejection.
   */
  readonly opened: Promise<TransferHead>;
  /** What is known of the file as a whole; present from just before the stream ends. */
  readonly facts: TransferFacts | undefined;
}

let lastId = 0;

/**
 * Opens a transfer URL as a stream of bytes: under back-pressure, resumed after interruptions, and verified *before* it ends.
 * Missing or surplus bytes, a wrong digest, other content, or a page instead of the file destroy the stream, so that a
 * consumer never sees a false `end`. Bytes are delivered before the last of them is verified: use them once the stream
 * has ended. The last ones are held back until then where the length is known, so that a consumer that counts, such as an
 * HTTP response with a `Content-Length`, is not complete before.
 *
 * Cost on the wire: nothing until the stream is read; then one request, and one more for each interruption. Where the server
 * honours ranges only the rest is fetched; otherwise the whole file is read again.
 *
 * The stream fails with a
 * - `TransferError` (`TRANSFER`): refused, or interrupted more often in a row than `resumeLimit`, or for longer than `retryForMs`. `retryable` states whether
 *   another transfer may succeed.
 * - `IntegrityError` (`INTEGRITY`): the bytes are not what they should be.
 * - `CertificateError` (`CERTIFICATE`): the server's certificate is not accepted; nothing was sent.
 * - whatever the source or the checksum function threw, and `signal.reason` after an abort.
 *
 * @throws RangeError or TypeError: an option is out of range, or options contradict each other.
 *
 * @example
 * ```ts
 * import { createWriteStream } from "node:fs";
 * import { pipeline } from "node:stream/promises";
 * import type { DownloadLease } from "@carrel/core";
 * import { openTransfer } from "@carrel/node-stream";
 *
 * async function save(lease: DownloadLease, fileName: string, path: string): Promise<void> {
 *   const bytes = openTransfer((request) => lease.endpoint(fileName, request), {
 *     fileName,
 *     signal: lease.signal,
 *     expect: { checksum: async () => (await lease.file(fileName)).checksum_info },
 *   });
 *   await pipeline(bytes, createWriteStream(path));
 * }
 * ```
 */
export function openTransfer(source: TransferSource, options: TransferOptions = {}): TransferStream {
  return new TransferReadable(source, options);
}

/** The stream of {@link openTransfer}, for what builds on it. */
export class TransferReadable extends Readable implements TransferStream {
  facts: TransferFacts | undefined;
  readonly #transfer: Transfer;
  readonly #stop = new AbortController();
  readonly #opened = Promise.withResolvers<TransferHead>();
  readonly #id = (lastId += 1);
  readonly #startByte: number;
  readonly #fileName: string | undefined;
  readonly #release: (() => Promise<void>)[] = [];
  readonly #unlisten: (() => void)[] = [];
  #isStarted = false;
  #isRead = false;
  /** What the stream fails with at its first read. */
  #failure: Error | undefined;
  #released: Promise<unknown> | undefined;

  constructor(source: TransferSource, options: TransferOptions, binding: TransferBinding = {}) {
    const settings = readTransferSettings(options, binding);
    super({ highWaterMark: settings.highWaterMark });
    this.#opened.promise.catch(() => {});
    const pool = options.pool ?? new ConnectionPool(options);
    if (pool !== options.pool) this.#release.push(() => pool[Symbol.asyncDispose]());
    if (binding.release !== undefined) this.#release.push(binding.release);
    this.#startByte = settings.startByte;
    this.#fileName = options.fileName;
    this.#transfer = new Transfer(
      { source, settings, pool },
      {
        id: this.#id,
        signal: this.#stop.signal,
        opened: this.#opened.resolve,
        deliver: (chunk) => this.push(chunk),
      },
    );
    this.#failWith(options.signal, reasonOf);
    this.#failWith(binding.lease, ({ reason }) => leaseEnded(reason, settings.label, "while the file was being read"));
  }

  get receivedBytes(): number {
    return this.#transfer.progress.position;
  }

  get consumedBytes(): number {
    return this.receivedBytes - this.#transfer.heldBackBytes - this.readableLength;
  }

  get totalBytes(): number | undefined {
    return this.#transfer.progress.totalBytes;
  }

  get fetchedBytes(): number {
    return this.#transfer.progress.fetchedBytes;
  }

  get opened(): Promise<TransferHead> {
    if (this.#failure === undefined && !this.destroyed) this.#start();
    return this.#opened.promise;
  }

  override _read(): void {
    this.#isRead = true;
    if (this.#failure !== undefined) this.destroy(this.#failure);
    else this.#start();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#end(error).then(
      () => callback(error),
      () => callback(error),
    );
  }

  #start(): void {
    this.#transfer.want();
    if (this.#isStarted) return;
    this.#isStarted = true;
    publish("carrel:transfer:start", () => {
      const fileName = this.#fileName;
      return { transfer: this.#id, startByte: this.#startByte, ...defined({ fileName }) };
    });
    this.#transfer.run().then(
      (facts) => {
        this.facts = facts;
        const { totalBytes, validator } = this.#transfer.progress;
        this.#opened.resolve({ totalBytes, validator, acceptsRanges: false, origin: undefined });
        this.push(null);
      },
      (error: unknown) => this.#fail(error as Error),
    );
  }

  /** Fails. Where nobody has read or listened yet, only at the first read: an `error` without a listener ends the process. */
  #fail(error: Error): void {
    if (this.destroyed) return;
    if (this.#isRead || this.listenerCount("error") > 0) {
      this.destroy(error);
    } else {
      this.#failure ??= error;
      void this.#end(error);
    }
  }

  /** Stops everything and releases what belongs to the stream, once. */
  #end(error: Error | null): Promise<unknown> {
    if (this.#released !== undefined) return this.#released;
    for (const stop of this.#unlisten) stop();
    if (this.facts === undefined) {
      const atByte = this.receivedBytes;
      publish("carrel:transfer:error", () => ({ transfer: this.#id, atByte, error: publicError(error) }));
    }
    const reason = error ?? new Error("The stream was destroyed");
    this.#stop.abort(reason);
    this.#transfer.stop(reason);
    this.#opened.reject(reason);
    this.#released = Promise.allSettled(this.#release.map((release) => release()));
    return this.#released;
  }

  /** Fails when a signal aborts. By hand, because `AbortSignal.any` leaves traces on long-lived signals. */
  #failWith(signal: AbortSignal | undefined, errorOf: (signal: AbortSignal) => Error): void {
    if (signal === undefined) return;
    const onAbort = (): void => this.#fail(errorOf(signal));
    signal.addEventListener("abort", onAbort, { once: true });
    this.#unlisten.push(() => signal.removeEventListener("abort", onAbort));
    if (signal.aborted) onAbort();
  }
}

function reasonOf(signal: AbortSignal): Error {
  return (signal.reason as Error | undefined) || new DOMException("This operation was aborted", "AbortError");
}
