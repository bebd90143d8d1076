import type { ChecksumAlgorithm } from "../gen/models.gen.ts";

/** Digests of a file, hexadecimal in lower case. */
export type Digests = Partial<Record<ChecksumAlgorithm, string>>;

/**
 * Computes one digest, or a checksum, as bytes pass.
 *
 * @private Does not follow semantic versioning.
 */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** Returns the digest of the bytes so far, hexadecimal in lower case. More bytes may follow. */
  hex(): string;
}

/**
 * Begins a digest, as the platform computes it. `CRC32` is to be cheap, and the form of its value is free.
 *
 * @private Does not follow semantic versioning.
 */
export type CreateHasher = (algorithm: ChecksumAlgorithm | "CRC32") => Hasher;

/**
 * Digests that are computed as the bytes pass.
 *
 * @private Does not follow semantic versioning.
 */
export class RunningDigest {
  readonly createHasher: CreateHasher;
  readonly #hashes: ReadonlyMap<ChecksumAlgorithm, Hasher>;

  constructor(algorithms: readonly ChecksumAlgorithm[], createHasher: CreateHasher) {
    this.createHasher = createHasher;
    this.#hashes = new Map(algorithms.map((algorithm) => [algorithm, createHasher(algorithm)]));
  }

  get isEmpty(): boolean {
    return this.#hashes.size === 0;
  }

  update(chunk: Uint8Array): void {
    for (const hash of this.#hashes.values()) hash.update(chunk);
  }

  /** The digests of the bytes so far. */
  digests(): Digests {
    return Object.fromEntries([...this.#hashes].map(([algorithm, hash]) => [algorithm, hash.hex()]));
  }
}

/** The checksum of a section of the file. */
interface Section {
  readonly firstByte: number;
  readonly endByte: number;
  readonly sum: string;
  readonly begin: () => Hasher;
}

/**
 * Remembers the delivered bytes, so that a second reading of them can be compared: by the digest that is computed anyway, or
 * otherwise by CRC-32, which is cheap, and enough against chance.
 *
 * @private Does not follow semantic versioning.
 */
export class DeliveredDigest {
  readonly #startByte: number;
  readonly #prefix: (() => AsyncIterable<Uint8Array>) | undefined;
  readonly #digest: RunningDigest;
  readonly #delivered: Hasher;
  #prefixSum: string | undefined;

  /** The digest covers the prefix, where there is one, and what was delivered. */
  constructor(startByte: number, prefix: (() => AsyncIterable<Uint8Array>) | undefined, digest: RunningDigest) {
    this.#startByte = startByte;
    this.#prefix = prefix;
    this.#digest = digest;
    this.#delivered = digest.createHasher("CRC32");
  }

  /** Takes bytes that are being delivered. */
  update(chunk: Uint8Array): void {
    if (this.#digest.isEmpty) this.#delivered.update(chunk);
  }

  /** Begins a second reading of all bytes up to `endByte`. Bytes before the start that nobody has shown count as equal. */
  async reread(endByte: number): Promise<Reread> {
    const startByte = this.#startByte;
    const [computed] = Object.entries(this.#digest.digests()) as [ChecksumAlgorithm, string][];
    if (computed !== undefined) {
      const [algorithm, sum] = computed;
      const firstByte = this.#prefix === undefined ? startByte : 0;
      return new Reread([{ firstByte, endByte, sum, begin: () => this.#digest.createHasher(algorithm) }]);
    }
    const begin = (): Hasher => this.#digest.createHasher("CRC32");
    const sections: Section[] = [{ firstByte: startByte, endByte, sum: this.#delivered.hex(), begin }];
    if (this.#prefix !== undefined) {
      this.#prefixSum ??= await sumOf(this.#prefix(), begin());
      sections.push({ firstByte: 0, endByte: startByte, sum: this.#prefixSum, begin });
    }
    return new Reread(sections);
  }
}

/**
 * A second reading of bytes, from the start of the file.
 *
 * @private Does not follow semantic versioning.
 */
export class Reread {
  readonly #sections: readonly (Section & { readonly actual: Hasher })[];
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
    return this.#sections.every(({ actual, sum }) => actual.hex() === sum);
  }
}

async function sumOf(chunks: AsyncIterable<Uint8Array>, hasher: Hasher): Promise<string> {
  for await (const chunk of chunks) hasher.update(chunk);
  return hasher.hex();
}
