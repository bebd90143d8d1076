import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { ChecksumAlgorithm } from "@carrel/core";

/** Digests of a file, hexadecimal in lower case. */
export type Digests = Partial<Record<ChecksumAlgorithm, string>>;

/** Digests that are computed as the bytes pass. */
export class RunningDigest {
  readonly #hashes: ReadonlyMap<ChecksumAlgorithm, Hash>;

  constructor(algorithms: readonly ChecksumAlgorithm[]) {
    this.#hashes = new Map(algorithms.map((algorithm) => [algorithm, createHash(algorithm.toLowerCase())]));
  }

  get isEmpty(): boolean {
    return this.#hashes.size === 0;
  }

  update(chunk: Uint8Array): void {
    for (const hash of this.#hashes.values()) hash.update(chunk);
  }

  /** The digests of the bytes so far. */
  digests(): Digests {
    return Object.fromEntries([...this.#hashes].map(([algorithm, hash]) => [algorithm, hash.copy().digest("hex")]));
  }
}

/** The checksum of a section of the file. */
interface Section {
  readonly firstByte: number;
  readonly endByte: number;
  readonly sum: string;
  readonly begin: () => Sum;
}

interface Sum {
  update(chunk: Uint8Array): void;
  value(): string;
}

/**
 * Remembers the delivered bytes, so that a second reading of them can be compared: by the digest that is computed anyway, or
 * otherwise by CRC-32, which is cheap, and enough against chance.
 */
export class DeliveredDigest {
  readonly #startByte: number;
  readonly #prefix: (() => AsyncIterable<Uint8Array>) | undefined;
  readonly #digest: RunningDigest;
  readonly #delivered = new Crc();
  #prefixSum: string | undefined;

  /** The digest covers the prefix, where there is one, and what was delivered. */
  constructor(startByte: number, prefix: (() => AsyncIterable<Uint8Array>) | undefined, digest: RunningDigest) {
    this.#startByte = startByte;
    this.#prefix = prefix;
    this.#digest = digest;
  }

  /** Takes bytes that are being delivered. */
  update(chunk: Uint8Array): void {
    if (this.#digest.isEmpty) this.#delivered.update(chunk);
  }

  /** Begins a second reading of all bytes up to `endByte`. Bytes before the start that nobody has shown count as equal. */
  async reread(endByte: number): Promise<Reread> {
    const startByte = this.#startByte;
    const [computed] = Object.entries(this.#digest.digests());
    if (computed !== undefined) {
      const [algorithm, sum] = computed;
      const firstByte = this.#prefix === undefined ? startByte : 0;
      return new Reread([{ firstByte, endByte, sum, begin: () => digestSum(algorithm) }]);
    }
    const begin = (): Sum => new Crc();
    const sections: Section[] = [{ firstByte: startByte, endByte, sum: this.#delivered.value(), begin }];
    if (this.#prefix !== undefined) {
      this.#prefixSum ??= await sumOf(this.#prefix());
      sections.push({ firstByte: 0, endByte: startByte, sum: this.#prefixSum, begin });
    }
    return new Reread(sections);
  }
}

/** A second reading of bytes, from the start of the file. */
export class Reread {
  readonly #sections: readonly (Section & { readonly actual: Sum })[];
  #position = 0;

  constructor(sections: readonly Section[]) {
    this.#sections = sections.map((section) => ({ ...section, actual: section.begin() }));
  }

  update(chunk: Uint8Array): void {
    for (const { firstByte, endByte, actual } of this.#sections) {
      const from = Math.max(firstByte - this.#position, 0);
      const to = Math.max(endByte - this.#position, 0);
      if (from < to) actual.update(chunk.subarray(from, to));
    }
    this.#position += chunk.byteLength;
  }

  get isEqual(): boolean {
    return this.#sections.every(({ actual, sum }) => actual.value() === sum);
  }
}

class Crc implements Sum {
  #value = 0;

  update(chunk: Uint8Array): void {
    this.#value = crc32(chunk, this.#value);
  }

  value(): string {
    return String(this.#value);
  }
}

function digestSum(algorithm: string): Sum {
  const hash = createHash(algorithm.toLowerCase());
  return { update: (chunk) => void hash.update(chunk), value: () => hash.copy().digest("hex") };
}

async function sumOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const crc = new Crc();
  for await (const chunk of chunks) crc.update(chunk);
  return crc.value();
}
