import { Readable } from "node:stream";
import { SessionLostError } from "@carrel/core";
import { ConnectionPool } from "../tls/connection-pool.ts";
import { publicError, publish } from "./channels.ts";
import type { Proof } from "./proof.ts";
import { readSettings } from "./settings.ts";
import { Transfer } from "./transfer.ts";
import type { TransferFacts, TransferHead, TransferOptions, TransferSource } from "./transfer-options.ts";

/** The bytes of a file, with what is known of them so far. */
export interface TransferStream extends Readable {
  /**
   * Where the next byte from the network belongs, counted from the start of the file. Bytes that still lie in the
   * stream's own buffer count as received.
   */
  readonly receivedBytes: number;
  /**
   * Where the next byte to be read from the stream belongs, counted from the start of the file: how far its consumer is.
   * Bytes, so do not call `setEncoding`.
   */
  readonly consumedBytes: number;
  /** Length of the whole file, in bytes, once it is known. */
  readonly totalBytes: number | undefined;
  /** Bytes that came over the network, those read more than once included. */
  readonly fetchedBytes: number;
  /**
   * What the server says of the file before its bytes: its length, say, for a `Content-Length`. Asking for it begins the
   * transfer, and fetches up to `highWaterMark` bytes ahead. Rejects where the stream fails or is destroyed before; that
   * nobody looks at it is not an unhandled rejection.
   */
  readonly opened: Promise<TransferHead>;
  /** What is known of the file as a whole; there from just before the stream ends. */
  readonly facts: TransferFacts | undefined;
}

let lastId = 0;

/**
 * A transfer URL as a stream of bytes: under back-pressure, resumed after breaks, and verified *before* it ends.
 * Too few bytes, too many, a wrong digest, another content, a page in place of the file destroy the stream, so that a
 * consumer never sees a false `end`. Bytes are delivered before the last of them is checked: use them when the stream
 * has ended. The last ones are held back until then where the length is known, so that a consumer which counts,
 * such as an HTTP answer with a `Content-Length`, is not complete before.
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

/** What a stream is bound to besides its options. */
export interface TransferTies {
  /** Aborts when the lease is over that the bytes are read under: then the stream fails at once. */
  readonly lease?: AbortSignal;
  /** What the bytes are compared with, in place of `expect.checksum`. */
  readonly proof?: Proof;
  /** Lets go of what belongs to the stream. Its `close` waits for it. */
  readonly release?: () => Promise<void>;
}

/** The error of a stream whose lease is over: the loss as it is, or that the lease was closed too early. */
export function leaseOver(reason: unknown, label: string, when: string): SessionLostError {
  if (reason instanceof SessionLostError && reason.problem === "lost") return reason;
  return new SessionLostError(`Cannot read ${label}: its lease was closed ${when}`, {
    problem: "closed",
    cause: reason,
  });
}

/** {@link openTransfer} for what builds on it. */
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

  constructor(source: TransferSource, options: TransferOptions, ties: TransferTies = {}) {
    const settings = readSettings(options, ties.proof);
    super({ highWaterMark: options.highWaterMark ?? 262_144 });
    this.#opened.promise.catch(() => {});
    const pool = options.pool ?? new ConnectionPool(options);
    if (pool !== options.pool) this.#release.push(() => pool[Symbol.asyncDispose]());
    if (ties.release !== undefined) this.#release.push(ties.release);
    this.#startByte = settings.startByte;
    this.#fileName = options.fileName;
    this.#transfer = new Transfer(source, settings, pool, {
      id: this.#id,
      signal: this.#stop.signal,
      opened: this.#opened.resolve,
      deliver: (chunk) => this.push(chunk),
    });
    this.#failWith(options.signal, reasonOf);
    this.#failWith(ties.lease, ({ reason }) => leaseOver(reason, settings.label, "while the file was being read"));
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
    this.#letGo(error).then(
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
      return { transfer: this.#id, startByte: this.#startByte, ...(fileName === undefined ? {} : { fileName }) };
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

  /** Fails; but where nobody has read or listened yet, only at the first read, since the error would end the process. */
  #fail(error: Error): void {
    if (this.destroyed) return;
    if (this.#isRead || this.listenerCount("error") > 0) {
      this.destroy(error);
    } else {
      this.#failure ??= error;
      void this.#letGo(error);
    }
  }

  /** Stops everything and lets go of what belongs to the stream, once. */
  #letGo(error: Error | null): Promise<unknown> {
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
