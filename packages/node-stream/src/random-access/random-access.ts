import { addAbortSignal } from "node:stream";
import { TransferError } from "@carrel/core";
import { checkNumber } from "@carrel/core/kit";
import type { ConnectionPool } from "../tls/connection-pool.ts";
import { TransferReadable } from "../transfer/open-transfer.ts";
import type { TransferStream } from "../transfer/open-transfer.ts";
import type { TransferSource, TransferValidator } from "@carrel/core/transfer";
import type { TransferOptions } from "../transfer/transfer-options.ts";
import { rememberEndpoint } from "./remember-endpoint.ts";

/** Options of `openRandomAccess` and `openItemRandomAccess`. */
export interface RandomAccessOptions extends Omit<
  TransferOptions,
  "connectionsPerFile" | "digests" | "endByte" | "expect" | "onVerified" | "prefix" | "startByte"
> {
  /**
   * Bytes that a read fetches at least, so that small reads close to each other cost one request.
   * @defaultValue 32_768
   */
  readonly readAheadBytes?: number;
  /**
   * A read that would fetch more than this in all, in bytes, fails with a RangeError before it is sent.
   * @defaultValue unlimited
   */
  readonly maxFetchedBytes?: number;
}

/** A file on a server whose bytes can be read at any position. Disposal closes its connections, and ends its session if it has one. */
export interface RandomAccess extends AsyncDisposable {
  /** Length of the file, in bytes. */
  readonly sizeBytes: number;
  /** ETag and Last-Modified of the file. All reads are of this version: where the server's differ later, they fail. */
  readonly validator: TransferValidator;
  /** Bytes that arrived over the network so far. */
  readonly fetchedBytes: number;
  /**
   * Reads bytes; fewer where the file ends. Costs a request unless the one before fetched them.
   *
   * @throws `TransferError` `TRANSFER`: interrupted too often, or refused.
   * @throws `IntegrityError` `INTEGRITY`: the file changed on the server.
   * @throws RangeError: it would fetch more than `maxFetchedBytes`.
   */
  read(position: number, length: number): Promise<Uint8Array>;
  /**
   * Reads many bytes as a stream, in one request; fewer where the file ends. Read it to its end, or destroy it; an abort of
   * the signal destroys it as well.
   *
   * @throws RangeError: it would fetch more than `maxFetchedBytes`.
   */
  stream(position: number, length: number, options?: { readonly signal?: AbortSignal }): TransferStream;
}

/** Bytes at a position of the file. */
interface Window {
  readonly start: number;
  readonly bytes: Buffer;
}

interface Opening {
  readonly pool: ConnectionPool;
  readonly release: () => Promise<void>;
}

const nothing: Window = { start: 0, bytes: Buffer.alloc(0) };
const noByte = new Uint8Array(0);

/** The file of `openRandomAccess`: each read is a transfer of a part, on a version of the file that stays the same. */
export class RandomAccessFile implements RandomAccess {
  sizeBytes = 0;
  validator: TransferValidator = {};
  readonly #source: TransferSource;
  readonly #options: TransferOptions;
  readonly #readAheadBytes: number;
  readonly #maxFetchedBytes: number;
  readonly #release: () => Promise<void>;
  readonly #streams = new Set<TransferStream>();
  #closedBytes = 0;
  #window = nothing;
  #isOpen = false;

  private constructor(source: TransferSource, options: RandomAccessOptions, { pool, release }: Opening) {
    const { readAheadBytes = 32_768, maxFetchedBytes = Infinity, ...transfer } = options;
    this.#source = rememberEndpoint(source);
    this.#options = { ...transfer, pool };
    this.#readAheadBytes = readAheadBytes;
    this.#maxFetchedBytes = maxFetchedBytes;
    this.#release = release;
  }

  /** Reads the beginning of a file, which shows its length and whether the server honours ranges. */
  static async open(source: TransferSource, options: RandomAccessOptions, opening: Opening): Promise<RandomAccessFile> {
    const file = new RandomAccessFile(source, options, opening);
    const stream = file.#begin(0, file.#readAheadBytes);
    stream.on("error", () => {});
    const { totalBytes, validator } = await stream.opened;
    if (totalBytes === undefined) {
      const { fileName } = options;
      stream.destroy();
      throw new TransferError(
        `Cannot read ${fileName === undefined ? "the file" : `"${fileName}"`} at any position: the server does not state its length`,
        { problem: "no-range", retryable: false },
      );
    }
    file.sizeBytes = totalBytes;
    file.validator = validator;
    file.#isOpen = true;
    file.#window = { start: 0, bytes: await collect(stream) };
    return file;
  }

  get fetchedBytes(): number {
    let bytes = this.#closedBytes;
    for (const { fetchedBytes } of this.#streams) bytes += fetchedBytes;
    return bytes;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const end = this.#endOf(position, length);
    if (end <= position) return noByte;
    const known = this.#window;
    if (position >= known.start && end <= known.start + known.bytes.length) return part(known, position, end);
    const fetched = Math.min(Math.max(length, this.#readAheadBytes), this.sizeBytes - position);
    const window = { start: position, bytes: await collect(this.#begin(position, fetched)) };
    // What is large is read once, and is not kept.
    if (window.bytes.length <= this.#readAheadBytes) this.#window = window;
    return part(window, position, end);
  }

  stream(position: number, length: number, { signal }: { readonly signal?: AbortSignal } = {}): TransferStream {
    const end = this.#endOf(position, length);
    if (end <= position) throw new RangeError(`position must be below ${this.sizeBytes}, and length above 0`);
    const stream = this.#begin(position, end - position);
    return signal === undefined ? stream : addAbortSignal(signal, stream);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = [...this.#streams].map((stream) => closing(stream));
    const reason = new DOMException("The file was closed", "AbortError");
    for (const stream of this.#streams) stream.destroy(reason);
    await Promise.all(closed);
    await this.#release();
  }

  #endOf(position: number, length: number): number {
    checkNumber("position", position, { from: 0, whole: true });
    checkNumber("length", length, { from: 0, whole: true });
    return Math.min(position + length, this.sizeBytes);
  }

  #begin(startByte: number, length: number): TransferStream {
    const limit = this.#maxFetchedBytes;
    if (this.fetchedBytes + length > limit) {
      throw new RangeError(
        `Cannot fetch ${length} bytes at position ${startByte}: ${this.fetchedBytes} bytes were fetched, and maxFetchedBytes is ${limit}`,
      );
    }
    const expect = this.#isOpen ? { sizeBytes: this.sizeBytes, validator: this.validator } : {};
    const options = { ...this.#options, startByte, endByte: startByte + length - 1, expect };
    const stream = new TransferReadable(this.#source, options, { partsOnly: true });
    this.#streams.add(stream);
    stream.once("close", () => {
      this.#streams.delete(stream);
      this.#closedBytes += stream.fetchedBytes;
    });
    return stream;
  }
}

async function collect(stream: TransferStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function closing(stream: TransferStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once("close", resolve).on("error", () => {});
  });
}

/** Copies bytes out of a window, so that it can be let go of. */
function part({ start, bytes }: Window, from: number, to: number): Uint8Array {
  return Uint8Array.from(bytes.subarray(from - start, to - start));
}
