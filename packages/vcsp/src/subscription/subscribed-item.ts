import { IntegrityError, TransferError } from "@carrel/core";
import type { Digest, LeasedEndpoint } from "@carrel/node-stream";
import { quote } from "@carrel/node-stream/fs";
import type {
  FileFacts,
  ItemSource,
  ListedFile,
  OpenSourceOptions,
  PreparationOptions,
  RemoteItem,
  SourceFile,
} from "@carrel/node-stream/source";
import { VcspError } from "../errors.ts";
import type { PublishedFile, PublishedItem } from "../format.ts";
import type { LibraryFiles } from "./library-files.ts";

/** The library that an item belongs to. */
export interface ItemLibrary {
  readonly server: LibraryFiles;
  /**
   * The item as it is published now; costs one small request where the library has not changed.
   * @throws {@link VcspError} `not-found`: it is no longer published.
   */
  currentItem(id: string, signal: AbortSignal): Promise<PublishedItem>;
}

/** An item of a published library, for downloads. */
export class SubscribedItem implements RemoteItem {
  readonly itemId: string;
  /** A web server has no sessions. */
  readonly session: undefined;
  readonly #library: ItemLibrary;

  constructor(library: ItemLibrary, itemId: string) {
    this.#library = library;
    this.itemId = itemId;
  }

  get origin(): string {
    return this.#library.server.origin;
  }

  async contentVersion(signal: AbortSignal): Promise<string> {
    return String((await this.#library.currentItem(this.itemId, signal)).version);
  }

  async listFiles(signal: AbortSignal): Promise<readonly ListedFile[]> {
    const { files } = await this.#library.currentItem(this.itemId, signal);
    return files.map((file) => ({ name: file.name, checksum: digestOf(file) }));
  }

  /** What is published is there. */
  async synchronize(): Promise<void> {}

  async open({ signal }: Pick<OpenSourceOptions, "signal">): Promise<ItemSource> {
    return new SubscribedSource(this.#library, await this.#library.currentItem(this.itemId, signal));
  }
}

/** The files of an item, all of the version that it had at the beginning. */
class SubscribedSource implements ItemSource {
  readonly contentVersion: string;
  readonly server: object;
  failure: unknown;
  readonly #library: ItemLibrary;
  readonly #item: PublishedItem;

  constructor(library: ItemLibrary, item: PublishedItem) {
    this.contentVersion = String(item.version);
    this.server = library.server;
    this.#library = library;
    this.#item = item;
  }

  files(): Promise<readonly SourceFile[]> {
    const { contentVersion } = this;
    const describe = (file: PublishedFile): SourceFile => ({
      name: file.name,
      sizeBytes: file.sizeBytes,
      checksum: digestOf(file),
      contentVersion,
    });
    return Promise.resolve(this.#item.files.map(describe));
  }

  async endpoint(fileName: string, { cause, signal }: PreparationOptions): Promise<LeasedEndpoint> {
    if (this.failure !== undefined) throw this.failure;
    const { path } = this.#fileOf(fileName);
    const { server } = this.#library;
    try {
      return { ...(await server.endpoint(path, { cause, signal })), contentVersion: this.contentVersion };
    } catch (error) {
      if (!(error instanceof VcspError && error.problem === "not-found")) throw error;
      await this.#check(fileName, signal);
      throw new TransferError(`The library lists ${quote(fileName)}, but ${server.origin} has no such file`, {
        problem: "refused",
        retryable: false,
        origin: server.origin,
        clientOrigin: server.origin,
        cause: error,
        ...(cause instanceof TransferError && cause.status !== undefined && { status: cause.status }),
      });
    }
  }

  async facts(file: SourceFile, signal: AbortSignal): Promise<FileFacts> {
    await this.#check(file.name, signal);
    const { sizeBytes, checksum } = file;
    return { sizeBytes, checksum, isFinal: true };
  }

  reportProgress(): void {}

  async [Symbol.asyncDispose](): Promise<void> {}

  #fileOf(fileName: string): PublishedFile {
    const { files, name } = this.#item;
    const file = files.find((each) => each.name === fileName);
    if (file !== undefined) return file;
    const names = files.slice(0, 10).map((each) => quote(each.name));
    throw new TransferError(
      `Item ${quote(name)} has no file ${quote(fileName)}: it has ${names.join(", ") || "none"}`,
      { problem: "no-match", retryable: false },
    );
  }

  /** Throws where the item has changed: files of two versions are not one item. */
  async #check(fileName: string, signal: AbortSignal): Promise<void> {
    const before = this.#item;
    const now = await this.#library.currentItem(before.id, signal).catch((error: unknown) => {
      if (error instanceof VcspError && error.problem === "not-found") return undefined;
      throw error;
    });
    if (now === before) return;
    const isSame = now?.version === before.version && sameFiles(now.files, before.files);
    if (isSame) return;
    const why =
      now === undefined
        ? "it is no longer published"
        : now.version === before.version
          ? `its files are others, and its version is still ${now.version}`
          : `its version was ${before.version} and is now ${now.version}`;
    const what = `Item ${quote(before.name)} changed during the download of ${quote(fileName)}: ${why}`;
    this.failure ??= new IntegrityError(what, { problem: "changed" });
    throw this.failure;
  }
}

function sameFiles(one: readonly PublishedFile[], other: readonly PublishedFile[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/**
 * The SHA-256 of a file, where the publisher states one: Carrel's ETags are its 64 hexadecimal digits. Those of other generators
 * (MD5, times, nothing) prove nothing.
 */
export function digestOf({ etag }: Pick<PublishedFile, "etag">): Digest | undefined {
  return /^[\da-f]{64}$/u.test(etag) ? { algorithm: "sha256", hex: etag } : undefined;
}
