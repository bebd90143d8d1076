import type { DigestAlgorithm } from "@carrel/core/transfer";

/** Bytes hashed in one step, so that an abort never waits long. */
const stepBytes = 8 * 1024 * 1024;

/** Hashes the bytes of one file. */
export interface DigestSource {
  readonly algorithm: DigestAlgorithm;
  /** Returns the digest of the first `to` bytes. Calls never overlap, and `to` never decreases. */
  readonly advance: (to: number, signal: AbortSignal) => Promise<string>;
  /** Releases the file. */
  readonly close: () => void;
}

/**
 * The digest of the first bytes of a file, which follows the writer at a short distance.
 *
 * @private Does not follow semantic versioning.
 */
export class FileDigest {
  readonly algorithm: DigestAlgorithm;
  readonly #source: DigestSource;
  readonly #stop = new AbortController();
  #target = 0;
  #running: Promise<void> | undefined;
  #failure: { readonly reason: unknown } | undefined;
  #latest: { readonly bytes: number; readonly hex: string } | undefined;
  #changed: PromiseWithResolvers<void> | undefined;

  constructor(source: DigestSource) {
    this.algorithm = source.algorithm;
    this.#source = source;
  }

  /** How far the digest has advanced, and its value there; `undefined` at the start. */
  get latest(): { readonly bytes: number; readonly hex: string } | undefined {
    return this.#latest;
  }

  /** Notes that the file now has this many bytes. */
  advanceTo(bytes: number): void {
    this.#target = Math.max(this.#target, bytes);
    this.#step();
  }

  /**
   * Returns the digest of the first `bytes` bytes, which must not be fewer than were asked for before.
   *
   * @throws the error that prevented it; an `Error` if the digest is closed before.
   */
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
    if (bytes === 0 && this.#latest === undefined) this.#advance(0);
    this.#step();
    for (;;) {
      signal?.throwIfAborted();
      if (this.#failure !== undefined) throw this.#failure.reason;
      if (this.#latest !== undefined && this.#latest.bytes >= bytes) break;
      this.#changed ??= Promise.withResolvers();
      await this.#changed.promise;
    }
    if (this.#latest.bytes !== bytes)
      throw new RangeError(`The digest is already past byte ${bytes}, at byte ${this.#latest.bytes}`);
    return this.#latest.hex;
  }

  /** Ends the digest, and waits until the file is no longer read. Only then may the file be closed. */
  async close(): Promise<void> {
    this.end(new Error("The digest was closed"));
    await this.#running;
    this.#source.close();
  }

  /** Ends the digest: calls that wait for it, now or later, reject with the reason. */
  end(reason: unknown): void {
    this.#failure ??= { reason };
    this.#stop.abort(reason);
    this.#wake();
  }

  #step(): void {
    const from = this.#latest?.bytes ?? 0;
    if (this.#target > from) this.#advance(Math.min(this.#target, from + stepBytes));
  }

  #advance(to: number): void {
    if (this.#running !== undefined || this.#failure !== undefined) return;
    this.#running = this.#source.advance(to, this.#stop.signal).then(
      (hex) => {
        this.#running = undefined;
        this.#latest = { bytes: to, hex };
        this.#wake();
        this.#step();
      },
      (error: unknown) => {
        this.#running = undefined;
        this.end(error);
      },
    );
  }

  #wake(): void {
    this.#changed?.resolve();
    this.#changed = undefined;
  }
}
