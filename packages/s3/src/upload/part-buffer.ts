const smallestBytes = 65_536;

/** Collects the bytes of a part: takes no more memory than they need, and is used again. */
export class PartBuffer {
  #memory: Buffer = Buffer.allocUnsafeSlow(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A view of what was collected; valid until {@link clear}. */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }

  /** Appends a copy. The part will not be longer than `limit`. */
  append(bytes: Uint8Array, limit: number): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#memory.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(limit, Math.max(needed, 2 * this.#memory.length, smallestBytes)));
      this.#memory.copy(grown, 0, 0, this.#length);
      this.#memory = grown;
    }
    this.#memory.set(bytes, this.#length);
    this.#length = needed;
  }

  clear(): void {
    this.#length = 0;
  }
}
