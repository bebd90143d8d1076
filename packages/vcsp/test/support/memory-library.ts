import { createHash } from "node:crypto";
import { StrictSubscriber } from "@carrel/test-kit";
import type { ContentFile, ContentItem, LibraryPlace, PlaceFile } from "../../src/index.ts";

/** Thrown where a run is killed. */
export class Killed extends Error {}

/** A place in memory, whose runs can be killed before any of their writes. */
export class MemoryLibrary implements LibraryPlace {
  readonly label = "memory";
  readonly files = new Map<string, { readonly bytes: Uint8Array; readonly modifiedAtMs: number }>();
  nowMs = Date.parse("2026-11-28T12:00:00Z");
  writes = 0;
  /** How many writes the next run makes before it is killed. */
  writesLeft = Infinity;

  async read(path: string): Promise<PlaceFile | undefined> {
    const file = this.files.get(path);
    return file && { text: Buffer.from(file.bytes).toString(), modifiedAtMs: file.modifiedAtMs };
  }

  async write(path: string, text: string): Promise<void> {
    this.#count();
    this.put(path, Buffer.from(text));
  }

  async delete(path: string): Promise<void> {
    this.#count();
    this.files.delete(path);
  }

  /** Puts a file there, as whoever has the content does. */
  put(path: string, bytes: Uint8Array): void {
    this.files.set(path, { bytes, modifiedAtMs: this.nowMs });
  }

  subscriber(): StrictSubscriber {
    return new StrictSubscriber(async (href) => this.files.get(decodeURIComponent(href))?.bytes);
  }

  #count(): void {
    if (this.writesLeft === 0) throw new Killed("The run is killed.");
    this.writesLeft -= 1;
    this.writes += 1;
  }
}

/** A file of the place as content. `knowsDigest`: as a mirror has it, which never reads a file again. */
function contentFile(library: MemoryLibrary, path: string, knowsDigest = true): ContentFile {
  const file = library.files.get(path);
  if (file === undefined) throw new Error(`${path} is not there.`);
  const { bytes, modifiedAtMs } = file;
  const hex = createHash("sha256").update(bytes).digest("hex");
  return {
    name: path.slice(path.lastIndexOf("/") + 1),
    path,
    sizeBytes: bytes.length,
    modifiedAtMs,
    ...(knowsDigest && { digest: { algorithm: "sha256", hex } }),
    digestOf: async (algorithm) => createHash(algorithm).update(bytes).digest("hex"),
  };
}

/** The directory with these files as an item. */
export function contentItem(
  library: MemoryLibrary,
  directory: string,
  options: Partial<ContentItem> & { readonly paths: readonly string[]; readonly knowsDigest?: boolean },
): ContentItem {
  const { paths, knowsDigest, ...rest } = options;
  const files = paths.map((path) => contentFile(library, path, knowsDigest));
  return { name: directory, directory, files, ...rest };
}
