import type { CarrelErrorJson } from "../errors/carrel-error.ts";
import type { LeaseSession } from "../lease/lease-snapshot.ts";
import type { ArchiveReport, ManifestReport, PackageNote } from "./package-report.ts";

/**
 * How a file is known to be whole, strongest first: the server's checksum, the OVF manifest, the length.
 * `nothing`: there was nothing to check against; such a file is never called verified.
 */
export type VerifiedBy = "checksum" | "manifest" | "length" | "nothing";

/**
 * One union for all that happens in the download of an item; `type` tells them apart.
 * Sizes in bytes, rates in bytes per second, times in milliseconds.
 */
export type DownloadEvent =
  /** The download session is there, and each time it changes. */
  | { readonly type: "session"; readonly session: LeaseSession }
  /** The files that will be downloaded, and their sizes as far as they are known. */
  | { readonly type: "plan"; readonly files: readonly PlannedFile[]; readonly totalBytes?: number }
  /**
   * Another process has a file's lock and shows no sign of life. It is watched for `leftMs` from now on; then the lock is taken
   * over.
   */
  | { readonly type: "waiting"; readonly file: string; readonly holder: string; readonly leftMs: number }
  /** The server is making a file ready. */
  | { readonly type: "preparing"; readonly file: string; readonly preparedBytes: number }
  /** Bytes of a file arrive. `receivedBytes` counts from the start of the file, resumed parts included. */
  | {
      readonly type: "transferring";
      readonly file: string;
      readonly receivedBytes: number;
      readonly totalBytes?: number;
      readonly bytesPerSecond: number;
      readonly etaMs?: number;
    }
  /** A broken or earlier transfer goes on at a byte. */
  | { readonly type: "resumed"; readonly file: string; readonly fromByte: number; readonly cause?: CarrelErrorJson }
  /** An OVA archive was read; comes before its `finished` or `skipped`. */
  | ({ readonly type: "archive"; readonly file: string } & ArchiveReport)
  /**
   * A file has its final name. `verifiedBy` says how it is known to be whole; where that is `nothing` it could not be
   * checked. `doubts` says why a manifest that should have proved it did not.
   */
  | {
      readonly type: "finished";
      readonly file: string;
      readonly verifiedBy: VerifiedBy;
      readonly sizeBytes: number;
      /** Scheme, host and port that its bytes came from; absent where an earlier run had fetched all of them. */
      readonly origin?: string;
      readonly doubts?: readonly PackageNote[];
    }
  /** A file was there already, whole. */
  | {
      readonly type: "skipped";
      readonly file: string;
      readonly verifiedBy: VerifiedBy;
      readonly sizeBytes: number;
      readonly doubts?: readonly PackageNote[];
    }
  /** A file cannot be downloaded. The others still are, and then the download fails. */
  | { readonly type: "failed"; readonly file: string; readonly error: CarrelErrorJson }
  /** What became of an OVF manifest of the item; comes after all files. */
  | ({ readonly type: "manifest" } & ManifestReport)
  /** All is done. `receivedBytes` counts what came over the network in this run. */
  | { readonly type: "done"; readonly files: number; readonly receivedBytes: number; readonly durationMs: number };

/** A file that a download is going to fetch. */
export interface PlannedFile {
  readonly name: string;
  readonly sizeBytes?: number;
}
