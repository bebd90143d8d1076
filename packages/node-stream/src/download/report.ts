import type { DownloadEvent, VerifiedBy } from "@carrel/core";
import type { Digest } from "../files/digest-algorithm.ts";
import type { OvaFindings } from "../ovf/check-ova.ts";

/** What became of one file. */
export interface FileReport {
  /** The name that the server has for it. */
  readonly name: string;
  /** Absolute path of the file. */
  readonly path: string;
  readonly sizeBytes: number;
  /** How it is known to be whole; `nothing` means that it is not known. */
  readonly by: VerifiedBy;
  /** The digest of what is in the file, computed here. */
  readonly digest: Digest;
  /** The file was there already and nothing was fetched. */
  readonly skipped: boolean;
  /** Bytes that came over the network in this run. */
  readonly receivedBytes: number;
  /** What the manifest inside an OVA archive says of its members. */
  readonly archive?: OvaFindings;
}

/** What became of the manifest of an OVF package. */
export interface ManifestReport {
  /** Name of the manifest. */
  readonly name: string;
  /** Files whose digest is the one in the manifest. */
  readonly matched: readonly string[];
  /** Files that the manifest names and the item does not have, or that were not asked for. */
  readonly notDownloaded: readonly string[];
  /** Numbers of the lines that are not understood, the first line being 1. */
  readonly unreadLines: readonly number[];
}

/** The outcome of a download that succeeded. */
export interface DownloadReport {
  readonly itemId: string;
  /** The content version that was downloaded, where the server told one. */
  readonly contentVersion: string | undefined;
  /** Absolute path of the folder. */
  readonly folder: string;
  /** One for each file, in the server's order. */
  readonly files: readonly FileReport[];
  /** For OVF and OVA items that have one. */
  readonly manifest: ManifestReport | undefined;
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
  /** Aborts the download if it is still under way, and waits until the session is ended. Never throws. */
  [Symbol.asyncDispose](): Promise<void>;
}
