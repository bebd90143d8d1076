import type { Sink } from "@carrel/node-stream";
import type {
  ClaimedFile,
  ExistingFile,
  ItemSink,
  LockOwner,
  PublishOptions,
  SavedFile,
  SinkItem,
} from "@carrel/node-stream/sink";
import { ClaimedObject } from "../upload/claimed-object.ts";
import { Keys } from "../store/keys.ts";
import { Lease } from "../upload/lease.ts";
import type { PartialObject } from "../upload/partial-object.ts";
import type { Store } from "../store/store.ts";
import { parseUploadRecord } from "../upload/upload-record.ts";

/** Of files that are whole and shorter than a part. What goes beyond it is sent before it has a name. */
const mostMemoryBytes = 33_554_432;

/** Where staged files go, and how they are sent. */
export interface StageParts {
  readonly store: Store;
  /** What their keys begin with. */
  readonly prefix: string;
  /** What the keys of their records begin with while they are in the works. */
  readonly uploads: string;
  /** Asked before a file gets its name. @throws `LockLostError`: another run has the lock under which they arrive. */
  readonly assertHeld: () => Promise<void>;
  /** Whether a process is the one that this lock was taken over from, because it stood still. */
  readonly isStill: (owner: LockOwner) => boolean;
  readonly smallestPartBytes: number;
  readonly partsInFlight: number;
}

interface StagedFile {
  readonly claim: ClaimedObject;
  readonly partial: PartialObject;
  readonly options: PublishOptions;
}

/**
 * Files of one item that are downloaded whole, and compared, before any of them has its name: as uploads that only need to be
 * completed, or, where they are shorter than a part, in memory. So the files of a new version take the places of those before
 * within as many requests, whatever time their download took.
 */
export class StagedFiles implements Sink {
  readonly location: string;
  readonly #parts: StageParts;
  readonly #keys: Keys;
  readonly #staged = new Map<string, StagedFile>();
  readonly #etags = new Map<string, string>();
  #room: Promise<void> = Promise.resolve();

  constructor(parts: StageParts) {
    this.#parts = parts;
    this.#keys = new Keys(parts.prefix, parts.uploads);
    this.location = parts.store.locationOf(parts.prefix.replace(/\/$/u, ""));
  }

  async open(item: SinkItem): Promise<ItemSink> {
    const { store } = this.#parts;
    const keys = this.#keys;
    return {
      location: this.location,
      locationOf: (name) => store.locationOf(keys.file(name)),
      hasObstacles: async () => false,
      assertNoObstacle: async () => {},
      create: async () => {},
      partialBytes: (name) => this.#partialBytes(name),
      // What has the names of files now is what they are going to replace.
      stat: async (name) => this.#staged.get(name)?.partial,
      openExisting: async (name) => {
        const staged = this.#staged.get(name);
        return staged && existingFile(staged, store.locationOf(keys.file(name)));
      },
      claim: (name, signal) => this.#claim(item, name, signal),
      savedFiles: async () => new Map<string, SavedFile>(),
      saveFiles: async () => {},
      async [Symbol.asyncDispose]() {},
    };
  }

  /**
   * Gives a file its name. Returns its ETag, and its length.
   * @throws `TransferError` `exists`: what has the name must not be replaced.
   */
  async put(
    name: string,
    replaces: PublishOptions["replaces"],
    signal: AbortSignal,
  ): Promise<{ readonly etag: string; readonly sizeBytes: number }> {
    const staged = this.#staged.get(name);
    if (staged === undefined) throw new TypeError(`No file "${name}" has arrived`);
    const { claim, partial, options } = staged;
    await partial.publish({ ...options, replaces, isRecognizable: true, signal });
    this.#staged.delete(name);
    await claim.end();
    return { etag: this.#etags.get(name) ?? "", sizeBytes: partial.sizeBytes };
  }

  /** Keeps what was not put for a later run. */
  async keep(): Promise<void> {
    await this.#end((partial) => partial.keep());
  }

  /** Removes what was not put. */
  async discard(): Promise<void> {
    await this.#end((partial) => partial.discard());
  }

  async #end(how: (partial: PartialObject) => Promise<void>): Promise<void> {
    const all = [...this.#staged.values()];
    this.#staged.clear();
    for (const { claim, partial } of all) {
      await how(partial);
      await claim.end();
    }
  }

  async #partialBytes(name: string): Promise<number> {
    const found = await this.#parts.store.readText(this.#keys.upload(name)).catch(() => undefined);
    return (found && parseUploadRecord(found.text)?.bytes) ?? 0;
  }

  async #claim(item: SinkItem, name: string, signal: AbortSignal): Promise<ClaimedFile> {
    const { itemId, origin } = item;
    const { isStill, prefix: _prefix, uploads: _uploads, ...parts } = this.#parts;
    const place = { store: parts.store, key: this.#keys.upload(name), name, isStill };
    const lease = await Lease.open(place, item, signal);
    const claim: ClaimedObject = new ClaimedObject({
      ...parts,
      key: this.#keys.file(name),
      identity: { origin, itemId, file: name },
      lease,
      onPublished: (etag) => this.#etags.set(name, etag),
      stage: async (partial, options) => {
        this.#staged.set(name, { claim, partial, options });
        // One after the other, because each would send the same files.
        this.#room = this.#room.then(() => this.#makeRoom(name));
        await this.#room;
      },
    });
    return claim;
  }

  /** Sends what is in memory, but for a file that may be a manifest, which is going to be read. */
  async #makeRoom(except: string): Promise<void> {
    const waiting = [...this.#staged].flatMap(([name, { partial }]) => (name === except ? [] : [partial]));
    const bytes = [...this.#staged.values()].reduce((sum, { partial }) => sum + partial.memoryBytes, 0);
    if (bytes <= mostMemoryBytes) return;
    for (const partial of waiting) await partial.unload();
  }
}

/** A file that is whole, as one that manifests are read from. */
function existingFile({ partial }: StagedFile, location: string): ExistingFile {
  return {
    location,
    sizeBytes: partial.sizeBytes,
    has: async ({ algorithm, hex }) => (await partial.digest(algorithm)) === hex,
    digest: (algorithm) => partial.digest(algorithm),
    digestOf: (algorithm, part) => partial.digestOf(algorithm, part),
    read: (position, length) => partial.read(position, length),
    async [Symbol.asyncDispose]() {},
  };
}
