import { Readable } from "node:stream";
import { ConnectionPool } from "../tls/connection-pool.ts";
import { publicError, publish } from "./channels.ts";
import { readSettings } from "./settings.ts";
import { Transfer } from "./transfer.ts";
import type { TransferFacts } from "./transfer-facts.ts";
import type { TransferOptions } from "./transfer-options.ts";
import type { TransferSource } from "./transfer-source.ts";

/** The bytes of a file, with what is known of them so far. */
export interface TransferStream extends Readable {
  /** The next byte to come, counted from the start of the file: what was delivered, with the bytes before `startByte`. */
  readonly receivedBytes: number;
  /** Length of the file, in bytes, once it is known. */
  readonly totalBytes: number | undefined;
  /** Bytes that came over the network, those read more than once included. */
  readonly fetchedBytes: number;
  /** What is known of the file as a whole; there from just before the stream ends. */
  readonly facts: TransferFacts | undefined;
}

let lastId = 0;

/**
 * A transfer URL as a stream of bytes: under back-pressure, gone on with after breaks, and verified *before* it ends.
 * Too few bytes, too many, a wrong digest, another content, a page in place of the file destroy the stream, so that a
 * consumer never sees a false `end`. Bytes are delivered before the last of them is checked: use them when the stream
 * has ended.
 *
 * Cost on the wire: nothing until it is read; then one request, and one more for each break. Where the server honours
 * ranges only the rest is fetched, else the whole is read again.
 *
 * The stream fails with a
 * - `TransferError` (`TRANSFER`): refused, or broken more often in a row than `resumeLimit`. `retryable` tells whether
 *   another try is of use.
 * - `IntegrityError` (`INTEGRITY`): the bytes are not what they should be.
 * - `CertificateError` (`CERTIFICATE`): the server's certificate is not accepted; nothing was sent.
 * - whatever the source or the checksum function threw, and `signal.reason` after an abort.
 *
 * @throws RangeError or TypeError: the options make no sense.
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

class TransferReadable extends Readable implements TransferStream {
  facts: TransferFacts | undefined;
  readonly #transfer: Transfer;
  readonly #stop = new AbortController();
  readonly #ownPool: ConnectionPool | undefined;
  readonly #id = (lastId += 1);
  readonly #unlisten: () => void;
  readonly #onStart: () => void;
  #isStarted = false;

  constructor(source: TransferSource, options: TransferOptions) {
    const settings = readSettings(options);
    super({ highWaterMark: options.highWaterMark ?? 262_144 });
    const pool = options.pool ?? new ConnectionPool(options);
    this.#ownPool = pool === options.pool ? undefined : pool;
    this.#transfer = new Transfer(source, settings, pool, {
      id: this.#id,
      signal: this.#stop.signal,
      deliver: (chunk) => this.push(chunk),
    });
    const { fileName, signal } = options;
    this.#onStart = () =>
      publish("carrel:transfer:start", () => {
        return { transfer: this.#id, startByte: settings.startByte, ...(fileName === undefined ? {} : { fileName }) };
      });
    const onAbort = (): unknown => this.destroy(reasonOf(signal));
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#unlisten = () => signal?.removeEventListener("abort", onAbort);
    if (signal?.aborted === true) onAbort();
  }

  get receivedBytes(): number {
    return this.#transfer.progress.position;
  }

  get totalBytes(): number | undefined {
    return this.#transfer.progress.totalBytes;
  }

  get fetchedBytes(): number {
    return this.#transfer.progress.fetchedBytes;
  }

  override _read(): void {
    this.#transfer.want();
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#onStart();
    this.#transfer.run().then(
      (facts) => {
        this.facts = facts;
        this.push(null);
      },
      (error: unknown) => this.destroy(error as Error),
    );
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#unlisten();
    if (this.facts === undefined) {
      const atByte = this.receivedBytes;
      publish("carrel:transfer:error", () => ({ transfer: this.#id, atByte, error: publicError(error) }));
    }
    const reason = error ?? new Error("The stream was destroyed.");
    this.#stop.abort(reason);
    this.#transfer.stop(reason);
    const closed = this.#ownPool?.[Symbol.asyncDispose]() ?? Promise.resolve();
    closed.then(
      () => callback(error),
      () => callback(error),
    );
  }
}

function reasonOf(signal: AbortSignal | undefined): Error {
  return (signal?.reason as Error | undefined) || new DOMException("This operation was aborted", "AbortError");
}
