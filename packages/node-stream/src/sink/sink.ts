import type { VerifiedBy } from "@carrel/core";
import type { Digest, DigestAlgorithm, TransferValidator } from "@carrel/core/transfer";
import type { SavedFile, SavedItem } from "./directory-record.ts";
import type { PartialStat } from "./resume-record.ts";
import type { StoredBytes } from "./stored-bytes.ts";

/**
 * A place for the files of items: a directory ({@link DiskSink}), or a store. It stands for the place alone, and holds
 * nothing open: what one download needs of it is an {@link ItemSink}.
 *
 * A download is read from an item's source, written here, and compared before it gets its name. So a sink promises:
 *
 * - Nothing is visible under a file's name before {@link PartialFile.publish}, and then all of it, at once.
 * - What {@link PartialFile.publish} refused, and what was discarded, is never visible, also if the process is killed.
 * - Of two processes that write the same name, one fails, or both write the same bytes: never is one file made of two runs.
 * - What it resumes from has the digest that was recorded with it.
 * - What was fetched survives a killed process as far as it was recorded, at short intervals.
 *
 * Names are those of the server's files, and safe on every system: they contain no separator and never lead elsewhere.
 *
 * The interface may change between minor versions: a package that fulfils it is released together with this one.
 *
 * Errors are `TransferError`s, whose `problem` decides what a download does: `exists`, `obstacle`, `locked` and `lock-lost`
 * are final for a file; `disk` (the place itself refuses: full, unreachable, no rights) ends the download.
 */
export interface Sink {
  /** What people call the place: an absolute path, or a URL. Contains nothing secret. */
  readonly location: string;
  /** Opens the place for one download of one item. Changes nothing there, and creates nothing. */
  open(item: SinkItem): Promise<ItemSink>;
}

/**
 * The item whose files go to a sink.
 *
 * @private Does not follow semantic versioning.
 */
export interface SinkItem {
  /** Scheme, host and port of the vCenter. */
  readonly origin: string;
  readonly itemId: string;
  /** Called while another process has a name and shows no sign of life: at the latest after `leftMs` it counts as dead. */
  readonly onWait?: (file: string, wait: { readonly holder: string; readonly leftMs: number }) => void;
}

/**
 * A place, for one download of one item. Disposal releases what it holds; what it wrote stays.
 *
 * @private Does not follow semantic versioning.
 */
export interface ItemSink extends AsyncDisposable {
  readonly location: string;
  /** Returns what people call a file in it: an absolute path, or a URL. */
  locationOf(name: string): string;
  /** Returns whether something is there that may be an obstacle. Cheap: decides whether {@link assertNoObstacle} is asked. */
  hasObstacles(): Promise<boolean>;
  /** @throws `TransferError` `obstacle`: something that is not a file has the name. */
  assertNoObstacle(name: string): Promise<void>;
  /** Creates the place where it does not exist. Called before the first {@link claim}. */
  create(): Promise<void>;
  /** Returns how many bytes can still be written there; `undefined` where that is unknown. Absent where there is no limit. */
  freeBytes?(): Promise<number | undefined>;
  /** Returns how many bytes an earlier run left of a file, which a download takes over or deletes. Never rejects. */
  partialBytes?(name: string): Promise<number>;
  /**
   * Returns how much of a file an earlier run left, and from where a download of this content version would resume; `undefined` if
   * nothing is left. Absent where a place cannot tell. Changes nothing.
   */
  statPartial?(name: string, contentVersion: () => Promise<string | undefined>): Promise<PartialStat | undefined>;
  /** Stats a file with its final name, without reading it; `undefined` if there is none. */
  stat(name: string): Promise<{ readonly sizeBytes: number } | undefined>;
  /**
   * Opens a file with its final name for reading; `undefined` if there is none.
   *
   * @throws `TransferError` `obstacle`: it is not a file.
   */
  openExisting(name: string): Promise<ExistingFile | undefined>;
  /**
   * Claims a name for this download until the claim is disposed of: no other process writes it meanwhile, as far as the place
   * can tell.
   *
   * @throws `TransferError` `locked`: another process has it. `obstacle`: something that is not a file has it.
   */
  claim(name: string, signal: AbortSignal): Promise<ClaimedFile>;
  /** Reads what earlier downloads recorded of the item's files, by their names. It states what was true then. */
  savedFiles(): Promise<ReadonlyMap<string, SavedFile>>;
  /** Records files of the item, in one step. What is recorded of others stays. */
  saveFiles(item: Pick<SavedItem, "name" | "library" | "files">, signal: AbortSignal): Promise<void>;
}

/**
 * A file that has its final name, open for reading.
 *
 * @private Does not follow semantic versioning.
 */
export interface ExistingFile extends AsyncDisposable, StoredBytes {
  readonly location: string;
  /** Returns whether the bytes have a digest, by the bytes or by what the place itself guarantees of them. */
  has(digest: Digest, signal: AbortSignal): Promise<boolean>;
}

/**
 * What a killed run had established of a file that was whole, before the file got its name.
 *
 * @private Does not follow semantic versioning.
 */
export interface RecordedVerdict {
  readonly bytes: number;
  readonly digest: Digest;
  readonly verifiedBy?: VerifiedBy;
}

/**
 * A name that this download alone writes.
 *
 * @private Does not follow semantic versioning.
 */
export interface ClaimedFile extends AsyncDisposable {
  readonly name: string;
  readonly location: string;
  /** @throws `TransferError` `exists`: a file has the name. */
  assertAbsent(): Promise<void>;
  /** Opens what an earlier run left of this content, if that is wanted and it is intact, or else an empty file. */
  openPartial(options: PartialOptions): Promise<PartialFile>;
  /** Reads what an earlier run recorded of this content. It proves nothing. */
  readVerdict(contentVersion: string): Promise<RecordedVerdict | undefined>;
  /** Removes what is recorded of the file for a later run. Does nothing if the claim is lost. */
  forget(): Promise<void>;
}

/**
 * How an incomplete file is opened.
 *
 * @private Does not follow semantic versioning.
 */
export interface PartialOptions {
  /** Only bytes of the same content version are resumed. */
  readonly contentVersion: string;
  /** The length that the server states, which is certain only after the last byte. */
  readonly sizeBytes: number | undefined;
  /** The checksum that the server states before the transfer. What is fixed when an upload begins can contain it. */
  readonly checksum: Digest | undefined;
  /**
   * The digests that may be asked for, the likeliest first. A place from which bytes can be read again computes the first along
   * the way, and any other when it is asked for; one from which they cannot must compute all of them along the way.
   */
  readonly algorithms: readonly [DigestAlgorithm, ...DigestAlgorithm[]];
  /** Whether to resume what an earlier run left. */
  readonly resume: boolean;
  /**
   * Returns whether that many bytes may be all, with nothing to compare them with that the server has stated so far. Then fewer
   * are resumed, because many servers state a checksum only after a download.
   */
  readonly mayBeAll: (bytes: number) => boolean;
  readonly signal: AbortSignal;
}

/**
 * What a file may replace when it gets its name.
 *
 * @private Does not follow semantic versioning.
 */
export type Replaceable = "nothing" | "same" | "anything";

/**
 * How a file gets its name.
 *
 * @private Does not follow semantic versioning.
 */
export interface PublishOptions {
  /** What was compared. */
  readonly verifiedBy: VerifiedBy;
  /** The digest of all bytes, from {@link PartialFile.complete}. */
  readonly digest: Digest;
  /** What may have the name already: nothing, a file with the same bytes, or any file. */
  readonly replaces: Replaceable;
  /**
   * Whether a later run can recognise the file without a record, by a checksum that the server states beforehand. If not, the
   * verdict is recorded before the file gets its name, and stays until {@link ClaimedFile.forget}.
   */
  readonly isRecognizable: boolean;
  readonly signal: AbortSignal;
}

/**
 * A file that is being written, under a name that nobody looks for. Bytes are appended only, one write at a time.
 *
 * It ends with one of {@link publish}, {@link keep} and {@link discard}. Disposal without one of them leaves what a killed
 * process would leave.
 *
 * @private Does not follow semantic versioning.
 */
export interface PartialFile extends AsyncDisposable, StoredBytes {
  /** Bytes so far: at first those that are resumed. */
  readonly sizeBytes: number;
  /** The algorithm of the digest that costs no further reading. */
  readonly algorithm: DigestAlgorithm;
  /** How the server identifies the bytes, once it has said so; recorded with them. */
  validator: TransferValidator | undefined;
  /**
   * Reads the first bytes back, to compare them with what a server sends that ignores ranges. Absent in a place where that is not
   * possible before the file is whole: then such a file starts over.
   */
  readonly readBack?: (bytes: number) => AsyncIterable<Uint8Array>;
  /**
   * Appends, and records from time to time how far it is. Resolves when more is wanted (back-pressure), and when the blocks may
   * be overwritten. Wait for it before the next call.
   *
   * @throws `TransferError` also for a failure of an earlier write, or of a record, that shows only now.
   */
  write(blocks: readonly Uint8Array[]): Promise<void>;
  /** Waits until the bytes are safe from a power cut. `false` if the place cannot tell. Called once, beside {@link complete}. */
  flush(): Promise<boolean>;
  /** Returns the digest of all bytes, after the last of them. No more is written after it. */
  complete(signal: AbortSignal): Promise<Digest>;
  /**
   * Gives the file its name, in one step.
   *
   * @returns Whether the name is safe from a power cut; `false` if the place cannot tell.
   * @throws `TransferError` `exists`: what has the name must not be replaced. `lock-lost`: another process has the claim.
   */
  publish(options: PublishOptions): Promise<boolean>;
  /** Closes the file, and keeps the bytes for a later run, as far as that can be done. */
  keep(): Promise<void>;
  /** Closes the file, and removes it with what was recorded of it. */
  discard(): Promise<void>;
}
