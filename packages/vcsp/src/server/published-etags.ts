import { stat } from "node:fs/promises";
import { join } from "node:path";
import { VcspError } from "../errors.ts";
import type { PublishedFile } from "../format.ts";
import { itemsPath } from "../href.ts";
import type { LibraryPlace } from "../place.ts";
import { readPublished } from "../published.ts";
import type { ServableFile } from "./servable-file.ts";

const nanosecondsPerMs = 1_000_000n;

interface PublishedFiles {
  /** When the list was written, in milliseconds since 1970. */
  readonly changedAt: bigint;
  /** By their paths. */
  readonly files: ReadonlyMap<string, PublishedFile>;
}

/** Strong ETags: for files of items those that `items.json` states, for others such that say when a file was changed. */
export class PublishedEtags {
  readonly #place: LibraryPlace;
  readonly #root: string;
  #known: PublishedFiles | undefined;

  constructor(place: LibraryPlace, root: string) {
    this.#place = place;
    this.#root = root;
  }

  /** Returns the ETag of a file, with its quotes. */
  async of({ path, stats: { size, mtimeNs, ino } }: ServableFile): Promise<string> {
    const { changedAt, files } = await this.#read();
    const file = files.get(path);
    // A file that was changed after it was published is not what is stated.
    const isAsPublished =
      file !== undefined && BigInt(file.sizeBytes) === size && mtimeNs / nanosecondsPerMs <= changedAt;
    if (isAsPublished && /^[\w.+=-]+$/u.test(file.etag)) return `"${file.etag}"`;
    return `"${[ino, size, mtimeNs].map((number) => number.toString(36)).join("-")}"`;
  }

  /** Reads the list of items, and again when it has changed. One that cannot be read states nothing. */
  async #read(): Promise<PublishedFiles> {
    const changedAt = await stat(join(this.#root, itemsPath), { bigint: true }).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0n,
    );
    if (this.#known?.changedAt === changedAt) return this.#known;
    const items = await readPublished(this.#place).then(
      (published) => published.items,
      (error: unknown) => {
        if (error instanceof VcspError) return [];
        throw error;
      },
    );
    const files = new Map(items.flatMap((item) => item.files.map((file) => [file.path, file] as const)));
    this.#known = { changedAt, files };
    return this.#known;
  }
}
