import type { DigestAlgorithm } from "./digest-algorithm.ts";

/** Bytes hashed for one message, so that an abort never waits long for the thread. */
const stepBytes = 8 * 1024 * 1024;

interface Connection {
  readonly algorithm: DigestAlgorithm;
  readonly advance: (to: number) => void;
  readonly onClose: () => void;
}

/** The digest of the first bytes of a file, which follows the writer at a short distance. */
export class FileDigest {
  readonly algorithm: DigestAlgorithm;
  readonly #connection: Connection;
  #target = 0;
  #busy = false;
  #closed = false;
  #failure: Error | undefined;
  #latest: { readonly bytes: number; readonly hex: string } | undefined;
  #changed: PromiseWithResolvers<void> | undefined;

  constructor(connection: Connection) {
    this.algorithm = connection.algorithm;
    this.#connection = connection;
  }

  /** How far the digest has come, and its value there. `undefined` at the start. */
  get latest(): { readonly bytes: number; readonly hex: string } | undefined {
    return this.#latest;
  }

  /** Tells that the file now holds this many bytes. */
  advanceTo(bytes: number): void {
    this.#target = Math.max(this.#target, bytes);
    this.#step();
  }

  /** The digest of the first `bytes` bytes, which must be the furthest point that was asked for. */
  async at(bytes: number, signal?: AbortSignal): Promise<string> {
    const onAbort = (): void => this.#wake();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await this.#reach(bytes, signal);
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async #reach(bytes: number, signal: AbortSignal | undefined): Promise<string> {
    this.#target = Math.max(this.#target, bytes);
    if (bytes === 0 && this.#latest === undefined) this.#ask(0);
    this.#step();
    for (;;) {
      signal?.throwIfAborted();
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#latest !== undefined && this.#latest.bytes >= bytes) break;
      this.#changed ??= Promise.withResolvers();
      await this.#changed.promise;
    }
    if (this.#latest.bytes !== bytes)
      throw new RangeError(`The digest is at byte ${this.#latest.bytes} already, not ${bytes}.`);
    return this.#latest.hex;
  }

  /** Waits until the thread has let go of the file, and forgets it. Only then may the file be closed. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#target = 0;
    while (this.#busy && this.#failure === undefined) {
      this.#changed ??= Promise.withResolvers();
      await this.#changed.promise;
    }
    this.#closed = true;
    this.#connection.onClose();
  }

  /** Called with each answer of the thread. */
  reached(bytes: number, hex: string): void {
    this.#busy = false;
    this.#latest = { bytes, hex };
    this.#wake();
    this.#step();
  }

  /** Called when the thread cannot go on. */
  failed(error: Error): void {
    this.#busy = false;
    this.#failure ??= error;
    this.#wake();
  }

  #step(): void {
    const from = this.#latest?.bytes ?? 0;
    if (this.#target > from) this.#ask(Math.min(this.#target, from + stepBytes));
  }

  #ask(to: number): void {
    if (this.#busy || this.#closed || this.#failure !== undefined) return;
    this.#busy = true;
    this.#connection.advance(to);
  }

  #wake(): void {
    this.#changed?.resolve();
    this.#changed = undefined;
  }
}
