import { crc32 } from "node:zlib";

/** Tells whether bytes that are read again are those that were delivered before, by CRC-32: cheap, and enough against chance. */
export class Recollection {
  readonly #startByte: number;
  readonly #prefix: (() => AsyncIterable<Uint8Array>) | undefined;
  #crc = 0;
  #prefixCrc: number | undefined;

  constructor(startByte: number, prefix: (() => AsyncIterable<Uint8Array>) | undefined) {
    this.#startByte = startByte;
    this.#prefix = prefix;
  }

  /** Takes bytes that are delivered. */
  update(chunk: Uint8Array): void {
    this.#crc = crc32(chunk, this.#crc);
  }

  /** Begins to compare a second reading of all bytes up to here. Bytes before the start that were never shown pass. */
  async reread(): Promise<Reread> {
    if (this.#prefix !== undefined && this.#prefixCrc === undefined) {
      let crc = 0;
      for await (const chunk of this.#prefix()) crc = crc32(chunk, crc);
      this.#prefixCrc = crc;
    }
    return new Reread(this.#startByte, this.#crc, this.#prefixCrc);
  }
}

/** A second reading. */
export class Reread {
  readonly #startByte: number;
  readonly #crc: number;
  readonly #prefixCrc: number | undefined;
  #position = 0;
  #seenCrc = 0;
  #seenPrefixCrc = 0;

  constructor(startByte: number, crc: number, prefixCrc: number | undefined) {
    this.#startByte = startByte;
    this.#crc = crc;
    this.#prefixCrc = prefixCrc;
  }

  update(chunk: Uint8Array): void {
    const prefixBytes = Math.max(this.#startByte - this.#position, 0);
    this.#position += chunk.byteLength;
    this.#seenPrefixCrc = crc32(chunk.subarray(0, prefixBytes), this.#seenPrefixCrc);
    this.#seenCrc = crc32(chunk.subarray(prefixBytes), this.#seenCrc);
  }

  get isEqual(): boolean {
    return this.#seenCrc === this.#crc && (this.#prefixCrc === undefined || this.#seenPrefixCrc === this.#prefixCrc);
  }
}
