import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import type { DigestAlgorithm } from "@carrel/core/transfer";
import { isManifest, maxManifestBytes, memberPath, parseManifest } from "@carrel/core/transfer";
import type { ArchiveBytes } from "./member-reader.ts";
import { blockBytes, parseHeader, readPax, textAt } from "./tar-header.ts";
import type { TarAttributes, TarHeader } from "./tar-header.ts";
import type { ReadAt } from "./tar-sparse.ts";
import { maxLostBytes } from "./tar.ts";

/**
 * A part of an archive is read that was not kept.
 *
 * @private Does not follow semantic versioning.
 */
export class NotRecorded extends Error {
  override readonly name = "NotRecorded";

  /** By its name: a sink may have another copy of this package than the one that downloads to it. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === "NotRecorded";
  }
}

/** Members up to this size are kept as they are. */
const smallBytes = 65_536;
/** How much is kept in all; an archive that takes more is not judged. */
const maxKeptBytes = 33_554_432;
/** What OVF tools use. Computed of members that precede the manifest. */
const usualAlgorithms: readonly DigestAlgorithm[] = ["sha1", "sha256"];

interface Piece {
  readonly start: number;
  readonly bytes: Buffer;
}

/** A part of the archive, up to an offset. */
interface Part {
  readonly endsAt: number;
  take(bytes: Buffer): void;
  finish(): void;
}

/**
 * Keeps what `checkOva` needs of an archive that is read as a stream: headers and small members as they are, and digests of
 * the large ones. Gives up at a member whose bytes are not in one place (sparse files, links with bytes).
 *
 * @private Does not follow semantic versioning.
 */
export class ArchiveRecorder {
  readonly #pieces: Piece[] = [];
  readonly #digests = new Map<string, string>();
  #algorithms = new Set<DigestAlgorithm>(usualAlgorithms);
  #keptBytes = 0;
  #position = 0;
  #isGivenUp = false;
  #attributes: TarAttributes = {};
  #part: Part | undefined = this.#header();

  /** Takes the next bytes of the archive. */
  update(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let offset = 0; offset < bytes.length && this.#part !== undefined;) {
      const part = this.#part;
      const taken = bytes.subarray(offset, offset + Math.min(part.endsAt - this.#position, bytes.length - offset));
      part.take(taken);
      offset += taken.length;
      this.#position += taken.length;
      while (this.#part !== undefined && this.#position === this.#part.endsAt) this.#part.finish();
    }
  }

  /** The whole archive, after its last byte. Reading rejects with {@link NotRecorded} where a part was not kept. */
  archive(sizeBytes: number): Omit<ArchiveBytes, "signal"> {
    const read: ArchiveBytes["read"] = async (position, length) =>
      this.#read(position, Math.min(position + length, sizeBytes));
    return { sizeBytes, read, digestOf: (algorithm, start, length) => this.#digestOf(algorithm, start, length, read) };
  }

  #read(position: number, end: number): Uint8Array {
    const kept: Buffer[] = [];
    for (let at = position; at < end;) {
      const piece = this.#pieceAt(at);
      const bytes = piece?.bytes.subarray(at - piece.start, end - piece.start);
      if (bytes === undefined || bytes.length === 0) throw new NotRecorded();
      kept.push(bytes);
      at += bytes.length;
    }
    return Buffer.concat(kept);
  }

  async #digestOf(algorithm: DigestAlgorithm, start: number, sizeBytes: number, read: ReadAt): Promise<string> {
    const computed = this.#digests.get(keyOf(algorithm, start, sizeBytes));
    if (computed !== undefined) return computed;
    if (sizeBytes > maxManifestBytes) throw new NotRecorded();
    return createHash(algorithm)
      .update(await read(start, sizeBytes))
      .digest("hex");
  }

  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  #pieceAt(position: number): Piece | undefined {
    let low = 0;
    let high = this.#pieces.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#pieces[middle]?.start ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return this.#pieces[low - 1];
  }

  #giveUp(): void {
    this.#isGivenUp = true;
    this.#part = undefined;
  }

  #keep(bytes: Buffer): void {
    this.#keptBytes += bytes.length;
    if (this.#keptBytes > maxKeptBytes) this.#giveUp();
    // A copy: a slice would keep the whole chunk from the network in memory.
    else this.#pieces.push({ start: this.#position, bytes: Buffer.from(bytes) });
  }

  #header(): Part {
    const blocks: Buffer[] = [];
    return {
      endsAt: this.#position + blockBytes,
      take: (bytes) => {
        blocks.push(Buffer.from(bytes));
        this.#keep(bytes);
      },
      finish: () => {
        const block = Buffer.concat(blocks);
        const header = parseHeader(block);
        const isEmpty = block.every((byte) => byte === 0);
        // The archive does not begin with a header: members are searched for further on.
        if (this.#position === blockBytes && (isEmpty || header === undefined)) this.#part = this.#rest(maxLostBytes);
        else if (isEmpty) this.#part = this.#rest(Infinity);
        // The list of members ends here as well.
        else if (header === undefined) this.#part = undefined;
        else this.#begin(header);
      },
    };
  }

  /** What follows the end: usually zeros. */
  #rest(endsAt: number): Part {
    return {
      endsAt,
      take: (bytes) => this.#keep(bytes),
      finish: () => {
        this.#part = undefined;
      },
    };
  }

  #begin(header: TarHeader): void {
    const { type } = header;
    const attributes = this.#attributes;
    const isAttribute = "LKxXg".includes(type);
    if (!isAttribute) this.#attributes = {};
    const sizeBytes = (isAttribute ? undefined : attributes.sizeBytes) ?? header.sizeBytes;
    const hasNoBytes = "123456".includes(type);
    const isOdd = type === "S" || attributes.sparse !== undefined || attributes.isForeignSparse === true;
    if (!isAttribute && (isOdd || (type === "1" && sizeBytes > 0))) {
      this.#giveUp();
      return;
    }
    const name = memberPath(attributes.path ?? header.name);
    if (hasNoBytes || sizeBytes === 0) this.#part = this.#header();
    else if (isAttribute) this.#part = this.#kept(sizeBytes, (text) => this.#addAttributes(type, text));
    else if (isManifest(name)) this.#part = this.#kept(sizeBytes, (text) => this.#expect(name, text));
    else if (sizeBytes <= smallBytes) this.#part = this.#kept(sizeBytes, () => {});
    else this.#part = this.#hashed(sizeBytes);
  }

  #kept(sizeBytes: number, onContent: (content: Buffer) => void): Part {
    const blocks: Buffer[] = [];
    return {
      endsAt: this.#position + sizeBytes,
      take: (bytes) => {
        this.#keep(bytes);
        if (!this.#isGivenUp) blocks.push(Buffer.from(bytes));
      },
      finish: () => {
        this.#part = this.#padding();
        onContent(Buffer.concat(blocks));
      },
    };
  }

  #hashed(sizeBytes: number): Part {
    const start = this.#position;
    const hashes = [...this.#algorithms].map((algorithm): [DigestAlgorithm, Hash] => [
      algorithm,
      createHash(algorithm),
    ]);
    return {
      endsAt: start + sizeBytes,
      take: (bytes) => {
        for (const [, hash] of hashes) hash.update(bytes);
      },
      finish: () => {
        for (const [algorithm, hash] of hashes)
          this.#digests.set(keyOf(algorithm, start, sizeBytes), hash.digest("hex"));
        this.#part = this.#padding();
      },
    };
  }

  /** The padding up to the next block, where the next header begins. */
  #padding(): Part {
    const endsAt = Math.ceil(this.#position / blockBytes) * blockBytes;
    return {
      endsAt,
      take: () => {},
      finish: () => {
        this.#part = this.#header();
      },
    };
  }

  #addAttributes(type: string, text: Buffer): void {
    const path = textAt(text, 0, text.length);
    if (type === "L") this.#attributes = { ...this.#attributes, path };
    if (type !== "x" && type !== "X" && type !== "g") return;
    const attributes = readPax(text, this.#attributes);
    // Attributes of all members usually state times and owners.
    const isOdd = type === "g" && (attributes?.path ?? attributes?.sizeBytes ?? attributes?.sparse) !== undefined;
    if (attributes === undefined || isOdd) this.#giveUp();
    else if (type !== "g") this.#attributes = attributes;
  }

  /** The manifest states which digests the members after it need. */
  #expect(name: string, content: Buffer): void {
    const { lines } = parseManifest(name, content);
    if (lines.length > 0) this.#algorithms = new Set(lines.map(({ digest }) => digest.algorithm));
  }
}

function keyOf(algorithm: DigestAlgorithm, start: number, sizeBytes: number): string {
  return `${algorithm} ${start}+${sizeBytes}`;
}
