import { lstat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { TransferError } from "@carrel/core";
import { DigestThread } from "../files/digest-thread.ts";
import { DurableDirectory } from "../files/durable-rename.ts";
import { FileLock } from "../files/file-lock.ts";
import { onDisk } from "../files/fs-error.ts";
import { freeBytesAt } from "../files/free-space.ts";
import { makeDirectory } from "../files/make-directory.ts";
import { quote } from "@carrel/core/transfer";
import { statOf } from "../files/stat.ts";
import { readSavedFiles, recordFiles } from "./directory-record.ts";
import type { SavedFile, SavedItem } from "./directory-record.ts";
import { DirectoryListing, SharedListing } from "./directory-listing.ts";
import { assertAbsent, assertNoObstacle, containsObstacles, DiskExistingFile } from "./disk-existing-file.ts";
import { DiskPartialFile } from "./disk-partial-file.ts";
import { FilePaths } from "./file-paths.ts";
import { isSameContent, readRecord, removeRecord, statPartial } from "./resume-record.ts";
import type { FileIdentity, PartialStat } from "./resume-record.ts";
import type { ClaimedFile, ItemSink, PartialOptions, RecordedVerdict, Sink, SinkItem } from "./sink.ts";

/**
 * A directory as a place for files. Bytes are in `NAME.TOKEN.part` while they arrive, `NAME.part.json` states what they are, and
 * `NAME.part.lock` keeps other processes away; what is whole gets its name by a rename that survives a power cut.
 *
 * @example
 * ```ts
 * import { DiskSink, downloadItem } from "@carrel/node-stream";
 * import type { CarrelClient } from "@carrel/core";
 *
 * // The same as downloadItem(client, itemId, "./out").
 * async function save(client: CarrelClient, itemId: string): Promise<void> {
 *   await downloadItem(client, itemId, new DiskSink("./out")).report;
 * }
 * ```
 */
export class DiskSink implements Sink {
  /** Absolute path. */
  readonly location: string;

  constructor(directory: string | URL) {
    this.location = resolve(typeof directory === "string" ? directory : fileURLToPath(directory));
  }

  async open(item: SinkItem): Promise<ItemSink> {
    return new DiskItemSink(this.location, item);
  }
}

/** A directory, for one download of one item. */
class DiskItemSink implements ItemSink {
  readonly location: string;
  readonly #item: SinkItem;
  readonly #digests = new DigestThread();
  readonly #names: DurableDirectory;
  readonly #listing: SharedListing;
  /** Processes that showed no sign of life when one of their locks was watched: the others need no watching. */
  readonly #stalledProcesses = new Set<string>();

  constructor(location: string, item: SinkItem) {
    this.location = location;
    this.#item = item;
    this.#names = new DurableDirectory(location);
    this.#listing = new SharedListing(location);
  }

  locationOf(name: string): string {
    return join(this.location, name);
  }

  hasObstacles(): Promise<boolean> {
    return containsObstacles(this.location);
  }

  assertNoObstacle(name: string): Promise<void> {
    return assertNoObstacle(this.locationOf(name));
  }

  create(): Promise<void> {
    return makeDirectory(this.location);
  }

  freeBytes(): Promise<number | undefined> {
    return freeBytesAt(this.location);
  }

  statPartial(name: string, contentVersion: () => Promise<string | undefined>): Promise<PartialStat | undefined> {
    const { itemId, origin } = this.#item;
    return statPartial(this.location, { origin, itemId, file: name }, contentVersion);
  }

  async partialBytes(name: string): Promise<number> {
    const paths = new FilePaths(this.location, name);
    const listing = await this.#listing.since(0).catch(() => undefined);
    const left = [paths.part, ...(listing?.leftoversOf(paths) ?? [])];
    const sizes = await Promise.all(
      left.map((path) =>
        lstat(path).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  async stat(name: string): Promise<{ readonly sizeBytes: number } | undefined> {
    const existing = await statOf(this.locationOf(name));
    return existing?.kind === "file" ? existing : undefined;
  }

  openExisting(name: string): Promise<DiskExistingFile | undefined> {
    return DiskExistingFile.open(this.locationOf(name), this.#digests);
  }

  async claim(name: string, signal: AbortSignal): Promise<ClaimedFile> {
    const { itemId, onWait, origin } = this.#item;
    const paths = new FilePaths(this.location, name);
    await assertNoObstacle(paths.final);
    const lock = await onDisk("lock", paths.final, () =>
      FileLock.acquire(paths.lock, inUse(name, paths.lock), {
        signal,
        stalledProcesses: this.#stalledProcesses,
        onWait: (wait) => onWait?.(name, wait),
      }),
    );
    const identity = { format: 1, origin, itemId, file: name } as const;
    const claim = this.#listing.claimed();
    const list = (): Promise<DirectoryListing> => this.#listing.since(claim);
    return new DiskClaim({ paths, lock, identity, list, names: this.#names, digests: this.#digests });
  }

  savedFiles(): Promise<ReadonlyMap<string, SavedFile>> {
    const { origin: server, itemId: id } = this.#item;
    return readSavedFiles(this.location, { server, id });
  }

  saveFiles(item: Pick<SavedItem, "name" | "library" | "files">, signal: AbortSignal): Promise<void> {
    const { origin: server, itemId: id } = this.#item;
    return recordFiles(this.location, { server, id, ...item }, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#digests[Symbol.asyncDispose]();
  }
}

interface DiskClaimParts {
  readonly paths: FilePaths;
  readonly lock: FileLock;
  readonly identity: Omit<FileIdentity, "contentVersion">;
  /** Lists what is in the directory since the name was claimed. */
  readonly list: () => Promise<DirectoryListing>;
  readonly names: DurableDirectory;
  readonly digests: DigestThread;
}

/** A name in a directory, under a lock. */
class DiskClaim implements ClaimedFile {
  readonly name: string;
  readonly location: string;
  readonly #parts: DiskClaimParts;
  #wasOpened = false;

  constructor(parts: DiskClaimParts) {
    this.name = parts.identity.file;
    this.location = parts.paths.final;
    this.#parts = parts;
  }

  assertAbsent(): Promise<void> {
    return assertAbsent(this.location);
  }

  openPartial({ algorithms, contentVersion, mayBeAll, resume, signal }: PartialOptions): Promise<DiskPartialFile> {
    const { digests, identity, lock, names, paths } = this.#parts;
    const [algorithm] = algorithms;
    // What this run itself left of the file when it was opened before is in no earlier listing.
    const isAgain = this.#wasOpened;
    this.#wasOpened = true;
    const list = isAgain ? () => DirectoryListing.read(dirname(paths.final)) : this.#parts.list;
    return DiskPartialFile.open(names, {
      paths,
      lock,
      list,
      identity: { ...identity, contentVersion },
      algorithm,
      resume,
      mayBeAll,
      digests,
      signal,
    });
  }

  async readVerdict(contentVersion: string): Promise<RecordedVerdict | undefined> {
    const { identity, lock, paths } = this.#parts;
    const record = await readRecord(paths.record, lock);
    return record !== undefined && isSameContent(record, { ...identity, contentVersion }) ? record : undefined;
  }

  forget(): Promise<void> {
    return removeRecord(this.#parts.paths.record, this.#parts.lock);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.lock[Symbol.asyncDispose]();
  }
}

function inUse(name: string, path: string): (holder: string) => TransferError {
  return (holder) =>
    new TransferError(`${quote(name)} is being downloaded to this directory by another process (${holder})`, {
      problem: "locked",
      path,
    });
}
