import { isObject, parseJson } from "@carrel/core/kit";
import type { DigestAlgorithm } from "@carrel/node-stream";
import { quote } from "@carrel/node-stream/fs";
import { maxDescriptorBytes } from "@carrel/node-stream/ovf";
import type { ContentFile, ContentItem } from "./content.ts";
import type { DirectoryContentOptions } from "./directory-content.ts";
import { VcspError } from "./errors.ts";
import { isServablePath, itemFileName } from "./href.ts";
import { isVappDescriptor, itemsOf, ownNames } from "./item-grouping.ts";
import type { LeftOut } from "./item-grouping.ts";
import type { LibraryPlace } from "./place.ts";

/** A file in a place, as it is listed there. */
export interface StoredFile {
  /** Relative to the place, with `/` between names. */
  readonly path: string;
  readonly sizeBytes: number;
  /** When it was last changed, in milliseconds since 1970. */
  readonly modifiedAtMs: number;
  /** Is another one where the bytes are others: an ETag. */
  readonly tag: string;
}

/** A place that can list its files, and knows digests of them: a prefix of an object store. */
export interface ContentPlace extends LibraryPlace {
  /** Lists all files. */
  list(options: { readonly signal: AbortSignal }): AsyncIterable<StoredFile>;
  /** Returns a digest of a file, which is read only where none is known; `undefined` if it is no longer the one that was listed. */
  digestOf(file: StoredFile, algorithm: DigestAlgorithm, signal: AbortSignal): Promise<string | undefined>;
}

/** Hidden, so that it is not served. */
const cachePath = ".carrel-digests.json";

interface KnownDigest {
  readonly tag: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * What is to be published of a place that lists its files by their paths, such as a prefix of an object store: as
 * `DirectoryContent` is for a directory. Digests are kept in the place (`.carrel-digests.json`), so that a file is asked for
 * its digest once.
 */
export class StoredContent {
  readonly items: readonly ContentItem[];
  readonly leftOut: readonly LeftOut[];
  readonly #place: ContentPlace;
  readonly #digests: Digests;

  private constructor(
    place: ContentPlace,
    { items, leftOut, digests }: Pick<StoredContent, "items" | "leftOut"> & { readonly digests: Digests },
  ) {
    this.#place = place;
    this.items = items;
    this.leftOut = leftOut;
    this.#digests = digests;
  }

  /**
   * Lists a place. Digests are asked for only where `publishLibrary` has to know whether files have changed, or are new.
   *
   * Cost on the wire: a request for each thousand files, and one for the digests that were kept.
   */
  static async list(place: ContentPlace, options: DirectoryContentOptions = {}): Promise<StoredContent> {
    const { signal = new AbortController().signal } = options;
    const digests = await Digests.open(place);
    const leftOut: LeftOut[] = [];
    const directories = new Map<string, ContentFile[]>();
    const nested = new Set<string>();
    for await (const file of place.list({ signal })) {
      const [directory = "", name = "", ...deeper] = file.path.split("/");
      // An object with such a name stands for a directory in consoles.
      if (file.path.endsWith("/") || directory.startsWith(".")) continue;
      if (name === "") {
        if (!ownNames.has(directory)) leftOut.push({ path: directory, reason: "not-in-item" });
      } else if (deeper.length > 0) {
        // What only holds the `item.json` of an ISO is not lost.
        const isOwn = deeper.length === 1 && deeper[0] === itemFileName;
        if (!isOwn && !name.startsWith(".")) nested.add(`${directory}/${name}`);
      } else if (name !== itemFileName) {
        if (isServablePath(file.path)) {
          const files = directories.get(directory) ?? [];
          files.push(contentFile(file, { place, digests, signal }));
          directories.set(directory, files);
        } else leftOut.push({ path: file.path, reason: "hidden" });
      }
    }
    for (const path of nested) leftOut.push({ path, reason: "nested" });
    const isVapp = async ({ path, sizeBytes }: ContentFile): Promise<boolean> => {
      const found = sizeBytes <= maxDescriptorBytes ? await place.read(path) : undefined;
      return found !== undefined && isVappDescriptor(Buffer.from(found.text));
    };
    const sorted = [...directories].toSorted(([one], [other]) => (one < other ? -1 : 1));
    const items = sorted.flatMap(([name, files]) => itemsOf(name, files, { isVapp, ...options }));
    return new StoredContent(place, { items, leftOut, digests });
  }

  /** Keeps the digests that were asked for. Call it after publishing; without it, the next run asks again. */
  async save(): Promise<void> {
    await this.#digests.save(this.#place);
  }
}

interface FileParts {
  readonly place: ContentPlace;
  readonly digests: Digests;
  readonly signal: AbortSignal;
}

function contentFile(file: StoredFile, { place, digests, signal }: FileParts): ContentFile {
  const { modifiedAtMs, path, sizeBytes } = file;
  const known = digests.get(file);
  return {
    name: path.slice(path.lastIndexOf("/") + 1),
    path,
    sizeBytes,
    modifiedAtMs,
    ...(known !== undefined && { digest: { algorithm: "sha256", hex: known } as const }),
    digestOf: async (algorithm) => {
      const hex = await place.digestOf(file, algorithm, signal);
      if (hex === undefined) {
        throw new VcspError(`Cannot publish ${quote(path)}: it changed while it was read`, {
          problem: "changed",
          path,
        });
      }
      if (algorithm === "sha256") digests.set(file, hex);
      return hex;
    },
  };
}

/** The digests of files by what was listed of them. Losing them costs time only. */
class Digests {
  readonly #known: ReadonlyMap<string, KnownDigest>;
  readonly #seen = new Map<string, KnownDigest>();
  #isChanged = false;

  private constructor(known: ReadonlyMap<string, KnownDigest>) {
    this.#known = known;
  }

  static async open(place: LibraryPlace): Promise<Digests> {
    const value = parseJson((await place.read(cachePath))?.text ?? "");
    const files = isObject(value) && isObject(value["files"]) ? value["files"] : {};
    return new Digests(new Map(Object.entries(files).filter(isKnown)));
  }

  get({ path, sizeBytes, tag }: StoredFile): string | undefined {
    const known = this.#known.get(path);
    if (known?.tag !== tag || known.sizeBytes !== sizeBytes) return undefined;
    this.#seen.set(path, known);
    return known.sha256;
  }

  set({ path, sizeBytes, tag }: StoredFile, sha256: string): void {
    if (tag === "") return;
    this.#seen.set(path, { tag, sizeBytes, sha256 });
    this.#isChanged = true;
  }

  async save(place: LibraryPlace): Promise<void> {
    if (!this.#isChanged) return;
    await place.write(cachePath, `${JSON.stringify({ format: 1, files: Object.fromEntries(this.#seen) })}\n`);
    this.#isChanged = false;
  }
}

function isKnown(entry: [string, unknown]): entry is [string, KnownDigest] {
  const [, value] = entry;
  if (!isObject(value)) return false;
  const { sha256, sizeBytes, tag } = value;
  const hasTexts = typeof tag === "string" && typeof sha256 === "string" && /^[\da-f]{64}$/u.test(sha256);
  return hasTexts && typeof sizeBytes === "number";
}
