import type { ArchiveReport, CarrelError, DownloadEvent, ManifestReport, PackageNote, VerifiedBy } from "@carrel/core";
import type { Digest } from "@carrel/core/transfer";

/** The outcome for one file. */
export interface FileReport {
  /** Its name on the server. */
  readonly name: string;
  /** Absolute path of the file, or what the sink calls it. */
  readonly path: string;
  readonly sizeBytes: number;
  /** How the file is known to be whole; `nothing` means that it is not known. */
  readonly verifiedBy: VerifiedBy;
  /** Digest of the bytes in the file; of a file on a disk computed from there. */
  readonly digest: Digest;
  /** The file existed already, and nothing was fetched. */
  readonly skipped: boolean;
  /** Bytes that were received over the network in this run. */
  readonly receivedBytes: number;
  /** Scheme, host and port that they came from; absent if none were received. */
  readonly origin?: string;
  /**
   * When an earlier download of this content version recorded the file, whose bytes are still the same, such as
   * `2026-11-28T03:00:00.000Z`. Absent if it was not recorded, and if it was downloaded now.
   */
  readonly unchangedSince?: string;
  /** How that download verified it. `verifiedBy` is what it was compared with now, which may be less. */
  readonly recordedBy?: VerifiedBy;
  /**
   * The file is whole and has its final name, but the file system cannot flush it to the disk: a power cut may undo that.
   * Absent if it was flushed, and if the file existed already.
   */
  readonly unflushed?: true;
  /**
   * Why a manifest that should have verified the file did not, such as
   * `[{ reason: "unknown-algorithm", manifest: "photon.mf", line: 2, named: "disk.vmdk", value: "SHA3-256" }]`.
   * Absent if one did, if the server's checksum did, and if there is none. An error with `requireVerified`.
   */
  readonly doubts?: readonly PackageNote[];
  /**
   * What an OVA archive contains, if it was read in this run, such as
   * `{ manifests: [{ name: "photon.mf", … }], notes: [{ reason: "data-after-end", file: "photon.ova" }] }`.
   */
  readonly archive?: ArchiveReport;
}

/** A file that existed, and that `existing: "skip"` left alone. It was not read, so nothing is known of its content. */
export interface LeftFile {
  readonly name: string;
  /** Absolute path of the file, or what the sink calls it. */
  readonly path: string;
  readonly sizeBytes: number;
}

/** The outcome of a download that succeeded. */
export interface DownloadReport {
  readonly itemId: string;
  /** The content version that was downloaded; `undefined` if the server states none. */
  readonly contentVersion: string | undefined;
  /** Absolute path of the directory, or the location of the sink. */
  readonly directory: string;
  /** One for each file, in the server's order. */
  readonly files: readonly FileReport[];
  /**
   * One for each OVF manifest among the item's files, whether or not it was requested; most items have one, or none. Such as
   * `[{ name: "photon.mf", matched: ["photon.ovf"], notDownloaded: ["disk.vmdk"], unnamed: [], notes: [] }]`.
   */
  readonly manifests: readonly ManifestReport[];
  /** Bytes that were received over the network in this run. */
  readonly receivedBytes: number;
  readonly durationMs: number;
  /** Files that existed and were not compared with anything, with `existing: "skip"`; absent if there are none. */
  readonly leftAlone?: readonly LeftFile[];
  /** Why the files could not be recorded, with {@link DownloadItemOptions.record}. They are there nevertheless. */
  readonly recordError?: CarrelError;
}

/**
 * A running download, from {@link downloadItem}. Iterate it for progress, or await `report`, or both; it is not a thenable.
 *
 * Nothing has to be consumed: an event that was not fetched is replaced by a newer one of its kind, and a failure that is not
 * handled is not an unhandled rejection.
 */
export interface DownloadTask extends AsyncIterable<DownloadEvent, undefined>, AsyncDisposable {
  /** The outcome. Rejects with what went wrong, after the session was deleted on the server. */
  readonly report: Promise<DownloadReport>;
  /**
   * Iterates over the events, for one consumer. Throws what `report` rejects with. Leaving the loop early aborts the download,
   * and waits until the session is deleted.
   */
  [Symbol.asyncIterator](): AsyncIterator<DownloadEvent, undefined>;
  /**
   * Aborts the download if it is still running, and waits until the session is deleted. What `await using` does at the end of
   * its block. Never rejects.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
