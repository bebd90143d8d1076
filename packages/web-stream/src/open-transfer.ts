import { leaseEnded } from "@carrel/core/transfer";
import type { TransferFacts, TransferHead, TransferSource } from "@carrel/core/transfer";
import { Transfer } from "./transfer.ts";
import { readTransferSettings } from "./transfer-options.ts";
import type { TransferBinding, TransferOptions } from "./transfer-options.ts";

/** The bytes of a file, with what is known of them so far. */
export interface TransferStream extends ReadableStream<Uint8Array<ArrayBuffer>> {
  /** Offset in the file of the next byte from the network. */
  readonly receivedBytes: number;
  /** Length of the whole file, in bytes, once it is known. */
  readonly totalBytes: number | undefined;
  /** Bytes that arrived over the network, those read more than once included. */
  readonly fetchedBytes: number;
  /**
   * What the server states about the file before its bytes, such as its length for a `Content-Length`. Reading the property
   * begins the transfer. Rejects where the stream fails or is cancelled before; without a handler that is not an unhandled
   * rejection.
   */
  readonly opened: Promise<TransferHead>;
  /** What is known of the file as a whole; present from just before the stream ends. */
  readonly facts: TransferFacts | undefined;
}

/**
 * Opens a transfer URL as a web stream: under back-pressure, resumed after interruptions, and verified *before* it ends.
 * Missing or surplus bytes, a wrong digest, other content, or a page instead of the file make the stream fail, so that a
 * consumer never sees a false end. Bytes are delivered before the last of them is verified: use them once the stream has
 * ended. The last ones are held back until then where the length is known.
 *
 * Certificates are checked by the platform. They cannot be pinned, so options such as `thumbprint` are refused.
 *
 * Cost on the wire: nothing until the stream is read; then one request, and one more for each interruption. Where the server
 * honours ranges only the rest is fetched; otherwise the whole file is read again.
 *
 * The stream fails with a
 * - `TransferError` (`TRANSFER`): refused, or interrupted more often in a row than `resumeLimit`, or for longer than
 *   `retryForMs`. `retryable` states whether another transfer may succeed.
 * - `IntegrityError` (`INTEGRITY`): the bytes are not what they should be.
 * - whatever the source or the checksum function threw, and `signal.reason` after an abort.
 *
 * @throws RangeError or TypeError: an option is out of range, or options contradict each other.
 *
 * @example
 * ```ts
 * import type { DownloadLease } from "@carrel/core";
 * import { openTransfer } from "@carrel/web-stream";
 *
 * async function save(lease: DownloadLease, fileName: string, target: WritableStream<Uint8Array>): Promise<void> {
 *   const bytes = openTransfer((request) => lease.endpoint(fileName, request), {
 *     fileName,
 *     signal: lease.signal,
 *     expect: { checksum: async () => (await lease.file(fileName)).checksum_info },
 *   });
 *   await bytes.pipeTo(target);
 * }
 * ```
 */
export function openTransfer(source: TransferSource, options: TransferOptions = {}): TransferStream {
  return new TransferReadable(source, options);
}

type Controller = ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
type Step = IteratorResult<Uint8Array, TransferFacts>;

/** What stands behind a stream: the transfer, and what has to be released at its end, whatever ends it. */
class Run {
  readonly transfer: Transfer;
  facts: TransferFacts | undefined;
  readonly #bytes: AsyncGenerator<Uint8Array, TransferFacts, void>;
  readonly #stop = new AbortController();
  readonly #opened = Promise.withResolvers<TransferHead>();
  readonly #release: (() => Promise<void>) | undefined;
  readonly #unlisten: (() => void)[] = [];
  #controller: Controller | undefined;
  #isPulling = false;
  /** A step that `opened` has begun. */
  #ahead: Promise<Step> | undefined;
  #released: Promise<void> | undefined;

  constructor(source: TransferSource, options: TransferOptions, binding: TransferBinding) {
    const settings = readTransferSettings(options, binding);
    this.#opened.promise.catch(() => {});
    this.#release = binding.release;
    this.transfer = new Transfer(source, settings, { signal: this.#stop.signal, opened: this.#opened.resolve });
    this.#bytes = this.transfer.bytes();
    this.#failWith(options.signal, ({ reason }) => reason);
    this.#failWith(binding.lease, ({ reason }) => leaseEnded(reason, settings.label, "while the file was being read"));
  }

  get opened(): Promise<TransferHead> {
    if (this.#released === undefined) this.#begin();
    return this.#opened.promise;
  }

  start(controller: Controller): void {
    this.#controller = controller;
    if (this.#stop.signal.aborted) this.#fail(this.#stop.signal.reason);
  }

  async pull(controller: Controller): Promise<void> {
    this.#isPulling = true;
    const step = this.#ahead ?? this.#next();
    this.#ahead = undefined;
    try {
      const { done, value } = await step;
      if (done !== true) {
        // Neither core nor fetch makes views of shared memory.
        controller.enqueue(value as Uint8Array<ArrayBuffer>);
        return;
      }
      this.facts = value;
      const { totalBytes, validator } = this.transfer.progress;
      this.#opened.resolve({ totalBytes, validator, acceptsRanges: false, origin: undefined });
      await this.#end();
      controller.close();
    } catch (error) {
      await this.#end(error);
      controller.error(error);
    } finally {
      this.#isPulling = false;
    }
  }

  async cancel(reason: unknown): Promise<void> {
    await this.#end(reason ?? new DOMException("The stream was cancelled", "AbortError"));
  }

  #next(): Promise<Step> {
    return this.#bytes.next();
  }

  #begin(): void {
    if (this.#ahead !== undefined || this.#isPulling) return;
    this.#ahead = this.#next();
    // The stream itself fails at its next read.
    this.#ahead.catch((error: unknown) => this.#opened.reject(error));
  }

  #fail(error: unknown): void {
    this.#stop.abort(error);
    // A read that is waiting fails by itself, after everything was released.
    if (!this.#isPulling) this.#controller?.error(error);
    void this.#end(error);
  }

  /** Stops everything and releases what belongs to the stream, once. */
  #end(error?: unknown): Promise<void> {
    this.#released ??= this.#releaseAll(error);
    return this.#released;
  }

  async #releaseAll(error: unknown): Promise<void> {
    for (const unlisten of this.#unlisten) unlisten();
    const reason = error ?? new DOMException("The stream has ended", "AbortError");
    this.#stop.abort(reason);
    this.#opened.reject(reason);
    await this.#ahead?.catch(() => {});
    // Closes the request of a transfer that nobody is waiting for.
    await this.#bytes.return(undefined as never).catch(() => {});
    await this.#release?.();
  }

  /** Fails when a signal aborts. By hand, because `AbortSignal.any` leaves traces on long-lived signals. */
  #failWith(signal: AbortSignal | undefined, errorOf: (signal: AbortSignal) => unknown): void {
    if (signal === undefined) return;
    const onAbort = (): void => this.#fail(errorOf(signal));
    signal.addEventListener("abort", onAbort, { once: true });
    this.#unlisten.push(() => signal.removeEventListener("abort", onAbort));
    if (signal.aborted) onAbort();
  }
}

/** The stream of {@link openTransfer}, for what builds on it. */
export class TransferReadable extends ReadableStream<Uint8Array<ArrayBuffer>> implements TransferStream {
  readonly #run: Run;

  constructor(source: TransferSource, options: TransferOptions, binding: TransferBinding = {}) {
    const run = new Run(source, options, binding);
    super(
      {
        start: (controller) => run.start(controller),
        pull: (controller) => run.pull(controller),
        cancel: (reason) => run.cancel(reason),
      },
      // Nothing is requested before somebody reads.
      { highWaterMark: 0 },
    );
    this.#run = run;
  }

  get receivedBytes(): number {
    return this.#run.transfer.progress.position;
  }

  get totalBytes(): number | undefined {
    return this.#run.transfer.progress.totalBytes;
  }

  get fetchedBytes(): number {
    return this.#run.transfer.progress.fetchedBytes;
  }

  get opened(): Promise<TransferHead> {
    return this.#run.opened;
  }

  get facts(): TransferFacts | undefined {
    return this.#run.facts;
  }
}
