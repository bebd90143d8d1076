import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { DigestAlgorithm } from "@carrel/node-stream";
import { DigestThread, onDisk, quote } from "@carrel/node-stream/fs";
import { maxDescriptorBytes } from "@carrel/node-stream/ovf";
import type { ContentFile, ContentItem } from "./content.ts";
import { VcspError } from "./errors.ts";
import { DigestCache } from "./digest-cache.ts";
import { DirectoryPlace } from "./place.ts";
import { isServablePath, itemFileName } from "./href.ts";
import { isVappDescriptor, itemsOf, ownNames } from "./item-grouping.ts";
import type { LeftOut } from "./item-grouping.ts";

/** Options of {@link DirectoryContent}. */
export interface DirectoryContentOptions {
  /**
   * Makes an item of each ISO of a directory that has nothing else, as vCenter's own libraries have them.
   * @defaultValue false
   */
  readonly isoItems?: boolean;
  /** Stops the reading of files. */
  readonly signal?: AbortSignal;
}

/**
 * A directory of directories, each of which is an item, as what is to be published. Disposal ends the thread that hashes files.
 * Their digests are kept in the directory (`.carrel-digests.json`), so that a file is read once.
 */
export class DirectoryContent implements AsyncDisposable {
  readonly items: readonly ContentItem[];
  readonly leftOut: readonly LeftOut[];
  readonly #digests: DigestThread;
  readonly #cache: DigestCache;

  private constructor(
    items: readonly ContentItem[],
    { leftOut, digests, cache }: Pick<Listing, "leftOut" | "digests" | "cache">,
  ) {
    this.items = items;
    this.leftOut = leftOut;
    this.#digests = digests;
    this.#cache = cache;
  }

  /**
   * Lists a directory. Files are read only where {@link publishLibrary} has to know whether they have changed, or are new.
   *
   * @throws `TransferError` `TRANSFER` `disk`: it cannot be read.
   */
  static async list(directory: string, options: DirectoryContentOptions = {}): Promise<DirectoryContent> {
    const digests = new DigestThread();
    const cache = await DigestCache.open(new DirectoryPlace(directory));
    const { signal = new AbortController().signal } = options;
    const leftOut: LeftOut[] = [];
    const items: ContentItem[] = [];
    const names = await onDisk("read", directory, () => readdir(directory, { withFileTypes: true }));
    for (const entry of names.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
      const { name } = entry;
      signal.throwIfAborted();
      if (name.startsWith(".") || ownNames.has(name)) continue;
      if (!entry.isDirectory()) {
        leftOut.push({ path: name, reason: entry.isSymbolicLink() ? "link" : "not-in-item" });
        continue;
      }
      const files = await listFiles({ directory, name, digests, cache, signal, leftOut });
      const isVapp = ({ path }: ContentFile): Promise<boolean> => readIsVapp(join(directory, ...path.split("/")));
      items.push(...itemsOf(name, files, { isVapp, ...options }));
    }
    return new DirectoryContent(items, { leftOut, digests, cache });
  }

  /** Keeps the digests that were computed. Call it after publishing; without it, the next run computes them again. */
  async save(): Promise<void> {
    await this.#cache.save();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#digests[Symbol.asyncDispose]();
  }
}

interface Listing {
  readonly directory: string;
  readonly name: string;
  readonly digests: DigestThread;
  readonly cache: DigestCache;
  readonly signal: AbortSignal;
  readonly leftOut: LeftOut[];
}

async function listFiles({
  directory,
  name,
  digests,
  cache,
  signal,
  leftOut,
}: Listing): Promise<readonly ContentFile[]> {
  const files: ContentFile[] = [];
  const parent = join(directory, name);
  for (const entry of await onDisk("read", parent, () => readdir(parent, { withFileTypes: true }))) {
    const path = `${name}/${entry.name}`;
    if (entry.name === itemFileName) continue;
    const reason = entry.isSymbolicLink()
      ? "link"
      : entry.isDirectory()
        ? "nested"
        : entry.isFile()
          ? undefined
          : "other";
    if (reason !== undefined || !isServablePath(path)) {
      // What only holds the `item.json` of an ISO is not lost.
      if (reason !== "nested" || !(await isOwnDirectory(join(parent, entry.name)))) {
        leftOut.push({ path, reason: reason ?? "hidden" });
      }
      continue;
    }
    const absolute = join(parent, entry.name);
    const stats = await onDisk("read", absolute, () => stat(absolute));
    const { size: sizeBytes, mtimeMs: modifiedAtMs } = stats;
    const sha256 = cache.get(path, stats);
    const digestOf = async (algorithm: DigestAlgorithm): Promise<string> => {
      const hex = await hash(absolute, algorithm, { digests, signal, sizeBytes });
      const now = await stat(absolute);
      if (now.size !== sizeBytes || now.mtimeMs !== modifiedAtMs) {
        throw new VcspError(`Cannot publish ${quote(path)}: it changed while it was read`, {
          problem: "changed",
          path,
        });
      }
      if (algorithm === "sha256") cache.set(path, stats, hex);
      return hex;
    };
    const digest = sha256 === undefined ? {} : { digest: { algorithm: "sha256", hex: sha256 } as const };
    files.push({ name: entry.name, path, sizeBytes, modifiedAtMs, ...digest, digestOf });
  }
  return files;
}

async function isOwnDirectory(path: string): Promise<boolean> {
  const names = await onDisk("read", path, () => readdir(path));
  return names.every((name) => name === itemFileName);
}

/** Reads whether an OVF descriptor on the disk is that of a vApp; no where it cannot be parsed, which is the vCenter's to report. */
async function readIsVapp(path: string): Promise<boolean> {
  await using file = await open(path);
  const { size } = await file.stat();
  return size <= maxDescriptorBytes && isVappDescriptor(await file.readFile());
}

async function hash(
  path: string,
  algorithm: DigestAlgorithm,
  {
    digests,
    signal,
    sizeBytes,
  }: { readonly digests: DigestThread; readonly signal: AbortSignal; readonly sizeBytes: number },
): Promise<string> {
  const file = await onDisk("read", path, () => open(path));
  try {
    return await digests.digestOf(file.fd, algorithm, { bytes: sizeBytes, signal });
  } finally {
    await file.close();
  }
}
