import type { Stats } from "node:fs";
import { isObject, parseJson } from "@carrel/core/kit";
import type { LibraryPlace } from "./place.ts";

/** Hidden, so that it is not served. */
const cachePath = ".carrel-digests.json";
/** A file can change within the grain of its time after it was read, and keep it: such a digest is not kept. */
const timeGrainMs = 2_000;

interface CachedDigest {
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  /** The file's number on its file system: another file that was moved here has another one. */
  readonly inode: number;
  readonly sha256: string;
}

/** The digests of files as they were read last, so that no file is read twice. Losing it costs time only. */
export class DigestCache {
  readonly #place: LibraryPlace;
  readonly #known: ReadonlyMap<string, CachedDigest>;
  readonly #seen = new Map<string, CachedDigest>();
  #isChanged = false;

  private constructor(place: LibraryPlace, known: ReadonlyMap<string, CachedDigest>) {
    this.#place = place;
    this.#known = known;
  }

  static async open(place: LibraryPlace): Promise<DigestCache> {
    const value = parseJson((await place.read(cachePath))?.text ?? "");
    const files = isObject(value) && isObject(value["files"]) ? value["files"] : {};
    return new DigestCache(place, new Map(Object.entries(files).filter(isCached)));
  }

  /** Returns the digest of a file that is as it was when it was read. */
  get(path: string, { size, mtimeMs, ino }: Stats): string | undefined {
    const cached = this.#known.get(path);
    const isSame = cached?.sizeBytes === size && cached.modifiedAtMs === mtimeMs && cached.inode === ino;
    if (!isSame) return undefined;
    this.#seen.set(path, cached);
    return cached.sha256;
  }

  /** Keeps a digest that was just computed, unless the file may have changed unseen. */
  set(path: string, { size, mtimeMs, ino }: Stats, sha256: string): void {
    if (mtimeMs + timeGrainMs > Date.now()) return;
    this.#seen.set(path, { sizeBytes: size, modifiedAtMs: mtimeMs, inode: ino, sha256 });
    this.#isChanged = true;
  }

  /** Writes the digests of the files that still exist, where there are new ones. */
  async save(): Promise<void> {
    if (!this.#isChanged) return;
    await this.#place.write(cachePath, `${JSON.stringify({ format: 1, files: Object.fromEntries(this.#seen) })}\n`);
    this.#isChanged = false;
  }
}

function isCached(entry: [string, unknown]): entry is [string, CachedDigest] {
  const [, value] = entry;
  if (!isObject(value)) return false;
  const { sizeBytes, modifiedAtMs, inode, sha256 } = value;
  const areNumbers = [sizeBytes, modifiedAtMs, inode].every((number) => typeof number === "number");
  return areNumbers && typeof sha256 === "string" && /^[\da-f]{64}$/u.test(sha256);
}
