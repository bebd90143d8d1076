import type { Digest, DigestAlgorithm, FileReport, Sink } from "@carrel/node-stream";
import type { LibraryPlace } from "@carrel/vcsp";
import type { Backup } from "./backup.ts";
import type { Reading } from "./local-files.ts";
import type { ItemKey, RecordStore } from "./record-store.ts";

/** What has the name of an item's directory. */
export type DirectoryKind = "directory" | "link" | "other";

/**
 * The place that a mirror is in: a directory, or a store. A run asks it for all that it needs: which files are there, where the
 * records are, where files arrive, how they take their places, and the lock against other runs.
 *
 * A store has no directories: there the directory of an item is the beginning of the keys of its files. What the mirror keeps for
 * itself has the same names everywhere.
 *
 * Only after {@link lock} anything may be changed. Without it a run looks only.
 *
 * @private Does not follow semantic versioning.
 */
export interface MirrorPlace {
  /** What people call it: an absolute path, or a URL. */
  readonly location: string;
  /** The beginning of a sentence about it, such as `Directory "/srv/images"`. */
  readonly label: string;
  readonly records: RecordStore;
  /** Where the small files of a library are, for a mirror that is published. */
  readonly library: LibraryPlace;
  /** Creates the place where it does not exist, and takes its lock. */
  lock(options: PlaceLockOptions): Promise<PlaceLock>;
  locationOf(directory: string, file?: string): string;
  /** Returns what has the name of an item's directory; `undefined` if nothing has. */
  kindOf(directory: string): Promise<DirectoryKind | undefined>;
  /**
   * Returns whether the directory of an item exists.
   * @throws `MirrorError` `through-link`, `obstacle`: something else has its name.
   */
  hasDirectory(directory: string): Promise<boolean>;
  /** Returns the size of a plain file; `undefined` if there is none. */
  sizeOf(directory: string, file: string): Promise<number | undefined>;
  /**
   * The same.
   * @throws `MirrorError` `obstacle`: something that is not a file has the name.
   */
  sizeOfFile(directory: string, file: string): Promise<number | undefined>;
  /** Returns when a file was last changed, in milliseconds since 1970; 0 if there is none. */
  modifiedAtMs(directory: string, file: string): Promise<number>;
  /** Returns whether a file has a digest. Reads all of it. */
  hasDigest(directory: string, file: string, digest: Digest, reading: Reading): Promise<boolean>;
  /** Computes a digest of a file, of which the size is known. Reads all of it. */
  digestOf(directory: string, file: string, wanted: WantedDigest, reading: Reading): Promise<string>;
  /** Reads a small file; `undefined` if it is larger. */
  readFile(directory: string, file: string, maxBytes: number): Promise<Uint8Array | undefined>;
  createDirectory(directory: string): Promise<void>;
  /**
   * Gives a directory another name, which must be free. Absent where that cannot be done in one step: there files are copied one
   * by one, and the record says at any moment which of the two counts.
   */
  readonly renameDirectory?: (from: string, to: string) => Promise<void>;
  /** Deletes a directory, unless something is in it. */
  deleteDirectory(directory: string): Promise<void>;
  deleteFile(directory: string, file: string): Promise<void>;
  /** Returns where a content version of an item arrives. Creates nothing yet. */
  incoming(name: string, directory: string): Incoming;
  /** Returns how many bytes of a content version arrived before. Never rejects. */
  arrivedBytes(name: string, directory: string): Promise<number>;
  /** Deletes what arrived of content versions that are not wanted. */
  deleteDownloads(isWanted: (name: string, directory: string | undefined) => boolean): Promise<void>;
  /** Returns how many bytes can still be written; `undefined` where that has no meaning, or is unknown. */
  freeBytes(): Promise<number | undefined>;
  /**
   * Returns what keeps files that are deleted or replaced, in a directory. Absent where that is not possible.
   * @throws TypeError: the directory is in the mirror.
   */
  readonly backupTo?: (directory: string | URL, startedAt: Date) => Backup;
  /** Returns the absolute paths of the directories that it is inside, links resolved, innermost first. Absent where it is in none. */
  readonly directoriesAbove?: () => Promise<readonly string[]>;
  /** Returns whether an error concerns the whole place, so that other items would fail likewise. */
  readonly concernsAll?: (error: unknown) => boolean;
}

/** Which digest is wanted of a file. */
export interface WantedDigest {
  readonly algorithm: DigestAlgorithm;
  readonly sizeBytes: number;
}

/** How the lock of a place is acquired. */
export interface PlaceLockOptions {
  readonly signal: AbortSignal;
  /** Called where another run has the lock and shows no sign of life. */
  readonly onWait: (wait: { readonly holder: string; readonly leftMs: number }) => void;
  /** Record of the item that alone is locked, with its files. Absent for the whole place. */
  readonly item?: ItemKey;
  /** Makes the error for a lock that a living run holds. @param path - What people call the lock. */
  readonly inUse: (holder: string, path: string) => Error;
}

/** The lock of a place. Disposal releases it. */
export interface PlaceLock extends AsyncDisposable {
  /** Aborted soon after the lock was lost, with a `LockLostError`. */
  readonly signal: AbortSignal;
  /** @throws `LockLostError`: another run has it. */
  assertHeld(): Promise<void>;
}

/** Where a content version of an item arrives, before its files take their places. Disposal keeps what arrived for a later run. */
export interface Incoming extends AsyncDisposable {
  /** Whether files can only take their places in the directory that it was opened for. */
  readonly isBound: boolean;
  /** Opens it, and returns what a download writes to. Nobody sees what arrives there as a file of the item. */
  open(): Promise<string | Sink>;
  /** Moves a file that arrived to where it belongs, in place of one that is there: any, or one that is the same. */
  put(file: FileReport, directory: string, replaces: "anything" | "same"): Promise<void>;
  /** Gives a file that stays where it is a second place. */
  putTwin(from: string, file: string, to: string, signal: AbortSignal): Promise<void>;
  /** Deletes what is left, after all files took their places, or because none is wanted. */
  delete(): Promise<void>;
}
