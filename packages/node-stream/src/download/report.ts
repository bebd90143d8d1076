import type { ArchiveReport, DownloadEvent, ManifestReport, PackageNote, VerifiedBy } from "@carrel/core";
import type { Digest } from "../files/checksum.ts";

/** What became of one file. */
export interface FileReport {
  /** The name that the server has for it. */
  readonly name: string;
  /** Absolute path of the file. */
  readonly path: string;
  readonly sizeBytes: number;
  /** How it is known to be whole; `nothing` means that it is not known. */
  readonly verifiedBy: VerifiedBy;
  /** The digest of what is in the file, computed here. */
  readonly digest: Digest;
  /** The file was there already and nothing was fetched. */
  readonly skipped: boolean;
  /** Bytes that came over the network in this run. */
  readonly receivedBytes: number;
  /** Scheme, host and port that they came from. Absent where none did. */
  readonly origin?: string;
  /**
   * The file is whole and has its name, but the file system cannot flush what was written: a power cut may undo that.
   * Absent where it was flushed, and where the file was there already.
   */
  readonly unflushed?: true;
  /**
   * Why a manifest that should have proved the file did not, such as
   * `[{ reason: "unknown-algorithm", manifest: "photon.mf", line: 2, named: "disk.vmdk", value: "SHA3-256" }]`.
   * Absent where one did, where the server's checksum did, and where there is none. An error with `requireVerified`.
   */
  readonly doubts?: readonly PackageNote[];
  /**
   * What is in it, where it is an OVA archive that was read in this run, such as
   * `{ manifests: [{ name: "photon.mf", … }], notes: [{ reason: "data-after-end", file: "photon.ova" }] }`.
   */
  readonly archive?: ArchiveReport;
}

/** The outcome of a download that succeeded. */
export interface DownloadReport {
  readonly itemId: string;
  /** The content version that was downloaded, where the server told one. */
  readonly contentVersion: string | undefined;
  /** Absolute path of the directory. */
  readonly directory: string;
  /** One for each file, in the server's order. */
  readonly files: readonly FileReport[];
  /**
   * One for each OVF manifest among the item's files, whether or not it was asked for; most items have one, or none. Such as
   * `[{ name: "photon.mf", matched: ["photon.ovf"], notDownloaded: ["disk.vmdk"], unnamed: [], notes: [] }]`.
   */
  readonly manifests: readonly ManifestReport[];
  /** Bytes that came over the network in this run. */
  readonly receivedBytes: number;
  readonly durationMs: number;
}

/**
 * A download under way, from {@link downloadItem}. Iterate it for progress, or await `report`, or both; it is no thenable.
 *
 * Nothing has to be consumed: events that nobody fetched are dropped in favour of newer ones, and a failure that nobody
 * looks at is no unhandled rejection.
 */
export interface DownloadTask extends AsyncIterable<DownloadEvent, undefined>, AsyncDisposable {
  /** The outcome. Rejects with what went wrong, after the session was ended on the server. */
  readonly report: Promise<DownloadReport>;
  /**
   * The events, for one consumer. Throws what `report` rejects with. Leaving the loop early aborts the download, and
   * waits until the session is ended.
   */
  [Symbol.asyncIterator](): AsyncIterator<DownloadEvent, undefined>;
  /**
   * Aborts the download if it is still under way, and waits until the session is ended. What `await using` does at the end
   * of its block. Never rejects.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
