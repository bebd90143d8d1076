import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import type { DigestAlgorithm } from "../files/checksum.ts";
import { isManifest, maxManifestBytes, parseManifest } from "./manifest.ts";
import { readPax, blockBytes, parseHeader, textAt } from "./tar-header.ts";
import type { TarAttributes, TarHeader } from "./tar-header.ts";
import { maxLostBytes, memberPath } from "./tar.ts";

/** Something of an archive that was not kept is asked for. */
export class NotRecorded extends Error {}

/** Members that are kept as they are. */
const smallBytes = 65_536;
/** What is kept in all; an archive that takes more is not judged. */
const maxKeptBytes = 33_554_432;
/** What OVF tools use. Computed of members that come before the manifest. */
const usualAlgorithms: readonly DigestAlgorithm[] = ["sha1", "sha256"];

interface Piece {
  readonly start: number;
  readonly bytes: Buffer;
}

/** Takes the next bytes; returns how many of them it wants. */
interface Part {
  readonly endsAt: number;
  take(bytes: Buffer): void;
  finish(): void;
}

/**
 * Keeps of an archive that passes by what `checkOva` asks for in the end: headers and small members as they are, and digests
 * of the large ones. What does not have its bytes in one place (sparse files, links with bytes) makes it give up.
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

  /** Bytes at a position. Throws {@link NotRecorded} where they were not kept. */
  async read(position: number, length: number, archiveBytes: number): Promise<Uint8Array> {
    const end = Math.min(position + length, archiveBytes);
    const found: Buffer[] = [];
    for (let at = position; at < end;) {
      const piece = this.#pieceAt(at);
      const bytes = piece?.bytes.subarray(at - piece.start, end - piece.start);
      if (bytes === undefined || bytes.length === 0) throw new NotRecorded();
      found.push(bytes);
      at += bytes.length;
    }
    return Buffer.concat(found);
  }

  /** The digest of a part of the archive. Throws {@link NotRecorded} where it was not computed. */
  async digestOf(algorithm: DigestAlgorithm, start: number, sizeBytes: number, archiveBytes: number): Promise<string> {
    const known = this.#digests.get(keyOf(algorithm, start, sizeBytes));
    if (known !== undefined) return known;
    if (sizeBytes > maxManifestBytes) throw new NotRecorded();
    return createHash(algorithm)
      .update(await this.read(start, sizeBytes, archiveBytes))
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
    // A copy: a slice would keep the whole block of the network in memory.
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
        // A beginning that is not one: members are looked for further on.
        if (this.#position === blockBytes && (isEmpty || header === undefined)) this.#part = this.#rest(maxLostBytes);
        else if (isEmpty) this.#part = this.#rest(Infinity);
        // Whoever lists the members stops here as well.
        else if (header === undefined) this.#part = undefined;
        else this.#begin(header);
      },
    };
  }

  /** What follows the end: zeros, as a rule. */
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

  /** Up to the next block, where the next header begins. */
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
    const found = readPax(text, this.#attributes);
    // What holds for all members is about times and owners, as a rule.
    const isOdd = type === "g" && (found?.path ?? found?.sizeBytes ?? found?.sparse) !== undefined;
    if (found === undefined || isOdd) this.#giveUp();
    else if (type !== "g") this.#attributes = found;
  }

  /** From here on it is known which digests are needed. */
  #expect(name: string, content: Buffer): void {
    const { lines } = parseManifest(name, content);
    if (lines.length > 0) this.#algorithms = new Set(lines.map(({ digest }) => digest.algorithm));
  }
}

function keyOf(algorithm: DigestAlgorithm, start: number, sizeBytes: number): string {
  return `${algorithm} ${start}+${sizeBytes}`;
}
