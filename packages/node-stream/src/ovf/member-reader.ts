import { createHash } from "node:crypto";
import { defined } from "@carrel/core/kit";
import type { DigestAlgorithm } from "@carrel/core/transfer";
import type { Extent } from "./tar-sparse.ts";
import type { TarMember } from "./tar.ts";

/** The bytes of an archive: those of `openRandomAccess`, of an open file, or in memory. */
export interface OvaBytes {
  readonly sizeBytes: number;
  /** Reads bytes at a position; fewer where the archive ends. */
  read(position: number, length: number): Promise<Uint8Array>;
  /**
   * Reads many bytes in one request.
   * @defaultValue many reads
   */
  stream?(position: number, length: number, options: { readonly signal?: AbortSignal }): AsyncIterable<Uint8Array>;
}

/** The bytes of an archive that is checked. */
export interface ArchiveBytes extends OvaBytes {
  /** Computes the digest of a part of it; otherwise that is done here. */
  readonly digestOf?: (algorithm: DigestAlgorithm, start: number, sizeBytes: number) => Promise<string>;
  readonly signal?: AbortSignal;
}

/** How many times over an archive may be hashed for files in pieces, which may share pieces. */
const maxRounds = 4;
/** Zeros of sparse files that are hashed in all: headers may claim more of them than can be hashed in reasonable time. */
const maxHoleBytes = 64 * 1024 ** 3;
const stepBytes = 1_048_576;
const zeros = new Uint8Array(stepBytes);

/** Reads members of an archive, with the holes of sparse files filled in. */
export class MemberReader {
  readonly #archive: ArchiveBytes;
  /** By the location of the bytes: links share them. */
  readonly #digests = new Map<string, Promise<string>>();
  #holeBytes = 0;
  #piecesBytes = 0;

  constructor(archive: ArchiveBytes) {
    this.#archive = archive;
  }

  /**
   * Computes the digest of members, one after another, each once; resolves with `undefined` where their bytes cannot be
   * located, or have too many holes.
   */
  async digestOf(algorithm: DigestAlgorithm, members: readonly TarMember[]): Promise<string | undefined> {
    if (members.some((member) => member.extents === undefined)) return undefined;
    const extents = members.flatMap((member) => member.extents ?? []);
    const key = `${algorithm} ${extents.map(({ start, sizeBytes }) => `${start ?? ""}+${sizeBytes}`).join(" ")}`;
    const computed = this.#digests.get(key);
    if (computed !== undefined) return computed;
    const holeBytes = extents.reduce((sum, { start, sizeBytes }) => sum + (start === undefined ? sizeBytes : 0), 0);
    if (this.#holeBytes + holeBytes > maxHoleBytes) return undefined;
    this.#holeBytes += holeBytes;
    if (members.length > 1) {
      this.#piecesBytes += extents.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) - holeBytes;
      if (this.#piecesBytes > maxRounds * this.#archive.sizeBytes) return undefined;
    }
    const digest = this.#compute(algorithm, extents);
    this.#digests.set(key, digest);
    return digest;
  }

  /** Reads all bytes of a small member; resolves with `undefined` where they cannot be located. */
  async content(member: TarMember): Promise<Uint8Array | undefined> {
    if (member.extents === undefined) return undefined;
    const blocks: Uint8Array[] = [];
    for await (const block of this.blocks(member.extents)) blocks.push(block);
    return Buffer.concat(blocks);
  }

  async #compute(algorithm: DigestAlgorithm, extents: readonly Extent[]): Promise<string> {
    const [only] = extents;
    // The usual case: on a thread.
    if (this.#archive.digestOf !== undefined && extents.length === 1 && only?.start !== undefined) {
      return this.#archive.digestOf(algorithm, only.start, only.sizeBytes);
    }
    const hash = createHash(algorithm);
    for await (const block of this.blocks(extents)) hash.update(block);
    return hash.digest("hex");
  }

  /** Reads bytes, piece by piece, with zeros in the holes. */
  async *blocks(extents: readonly Extent[]): AsyncIterable<Uint8Array> {
    for (const { start, sizeBytes } of extents) {
      const blocks = start === undefined ? hole(sizeBytes) : this.#stored(start, sizeBytes);
      for await (const block of blocks) {
        this.#archive.signal?.throwIfAborted();
        yield block;
      }
    }
  }

  async *#stored(start: number, sizeBytes: number): AsyncIterable<Uint8Array> {
    const archive = this.#archive;
    let done = 0;
    if (archive.stream !== undefined && sizeBytes > stepBytes) {
      for await (const block of archive.stream(start, sizeBytes, defined({ signal: archive.signal }))) {
        done += block.length;
        yield block;
      }
    }
    while (done < sizeBytes) {
      const block = await archive.read(start + done, Math.min(stepBytes, sizeBytes - done));
      if (block.length === 0) throw new RangeError(`The archive ends at byte ${start + done}`);
      done += block.length;
      yield block;
    }
  }
}

async function* hole(sizeBytes: number): AsyncIterable<Uint8Array> {
  for (let done = 0; done < sizeBytes; done += stepBytes) {
    yield zeros.subarray(0, Math.min(stepBytes, sizeBytes - done));
    // Hashing zeros would otherwise block the event loop.
    await new Promise(setImmediate);
  }
}
