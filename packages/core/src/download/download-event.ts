import type { CarrelErrorJson } from "../errors/carrel-error.ts";
import type { LeaseSession } from "../lease/lease-snapshot.ts";
import type { ArchiveReport, ManifestReport, PackageNote } from "./package-report.ts";

/**
 * How a file is known to be whole, the strongest first: by the server's checksum, by an OVF manifest, by its length.
 * `nothing`: there was nothing to compare it with; such a file is never called verified.
 */
export type VerifiedBy = "checksum" | "manifest" | "length" | "nothing";

/** What a download needs of the place that it writes to, by names and sizes. Nothing was read. */
export interface DownloadSpace {
  /** Bytes to fetch of files whose sizes are known. A file that is replaced frees its space only afterwards. */
  readonly neededBytes: number;
  /** Bytes that are there already: of files with the size that the server states, and of partial files. */
  readonly thereBytes: number;
  /** Files whose sizes the server does not state beforehand; they need space as well. */
  readonly unknownFiles: number;
  /** Bytes that can still be written there; absent where that is unknown. */
  readonly freeBytes?: number;
}

/**
 * All events of the download of an item, distinguished by `type`. Sizes are in bytes, rates in bytes per second, times
 * in milliseconds. {@link foldDownloadEvent} makes the state of the download from them.
 */
export type DownloadEvent =
  /** The download session was opened, or has changed. */
  | { readonly type: "session"; readonly session: LeaseSession }
  /** The content of the item is not at the vCenter, which was asked to fetch it from the publisher. */
  | { readonly type: "synchronizing" }
  /** The files that will be downloaded, and their sizes as far as known; and the space for them, where the place can tell. */
  | {
      readonly type: "plan";
      readonly files: readonly PlannedFile[];
      readonly totalBytes?: number;
      readonly space?: DownloadSpace;
    }
  /**
   * Another process, `holder`, has the lock of a file but shows no sign of life. If that does not change for `leftMs`,
   * the lock is taken over.
   */
  | { readonly type: "waiting"; readonly file: string; readonly holder: string; readonly leftMs: number }
  /** The server is preparing a file. */
  | { readonly type: "preparing"; readonly file: string; readonly preparedBytes: number }
  /** Bytes of a file arrive. `receivedBytes` counts from the start of the file and includes resumed parts. */
  | {
      readonly type: "transferring";
      readonly file: string;
      readonly receivedBytes: number;
      readonly totalBytes?: number;
      readonly bytesPerSecond: number;
      readonly etaMs?: number;
    }
  /**
   * A transfer that broke, or that an earlier run began, resumes at a byte. Where the connection or the server caused
   * it, the members of {@link NextAttempt} say when; the bytes before are kept meanwhile.
   */
  | ({
      readonly type: "resumed";
      readonly file: string;
      readonly fromByte: number;
      readonly cause?: CarrelErrorJson;
    } & Partial<NextAttempt>)
  /**
   * The server does not honour ranges, or cannot show that the file is still the same: it sends bytes again that are kept, and
   * they are compared. `comparedBytes` of `keptBytes` are, and after these new bytes arrive.
   */
  | { readonly type: "rereading"; readonly file: string; readonly comparedBytes: number; readonly keptBytes: number }
  /** A call around the transfers, such as that for a new session, got no answer, and is made again. */
  | ({ readonly type: "retrying"; readonly cause: CarrelErrorJson } & NextAttempt)
  /**
   * The bytes of a file arrived damaged and were discarded. All of them are fetched again, which is the given one of at
   * most `attempts` attempts.
   */
  | {
      readonly type: "damaged";
      readonly file: string;
      readonly cause: CarrelErrorJson;
      readonly attempt: number;
      readonly attempts: number;
    }
  /** The download of a file has ended before it was complete. `keptBytes` of it are kept, from which a later one resumes. */
  | { readonly type: "interrupted"; readonly file: string; readonly keptBytes: number }
  /** An OVA archive was checked. Precedes its `finished` or `skipped`. */
  | ({ readonly type: "archive"; readonly file: string } & ArchiveReport)
  /**
   * A file has its final name. `verifiedBy` says how it is known to be whole; with `nothing` it could not be checked.
   * `doubts` say why a manifest that should have proved it did not.
   */
  | ({
      readonly type: "finished";
      readonly file: string;
      readonly verifiedBy: VerifiedBy;
      readonly sizeBytes: number;
      /** Scheme, host and port that its bytes came from. Absent where an earlier run had fetched all of them. */
      readonly origin?: string;
      readonly doubts?: readonly PackageNote[];
    } & StoredFile)
  /**
   * A file existed already, whole. `unchangedSince` says when an earlier download recorded it, whose bytes it still has, such as
   * `2026-11-28T03:00:00.000Z`, and `recordedBy` how that download verified it. `verifiedBy` is what it was compared with now.
   */
  | ({
      readonly type: "skipped";
      readonly file: string;
      readonly verifiedBy: VerifiedBy;
      readonly sizeBytes: number;
      readonly unchangedSince?: string;
      readonly recordedBy?: VerifiedBy;
      readonly doubts?: readonly PackageNote[];
    } & StoredFile)
  /** A file cannot be downloaded. The others continue, and then the download fails. */
  | { readonly type: "failed"; readonly file: string; readonly error: CarrelErrorJson }
  /** The result of an OVF manifest of the item. Comes after all files. */
  | ({ readonly type: "manifest" } & ManifestReport)
  /** The download is complete. `receivedBytes` counts what came over the network in this run. */
  | { readonly type: "done"; readonly files: number; readonly receivedBytes: number; readonly durationMs: number };

/** Where a file is that a download has put there or found there, and what its bytes are. */
export interface StoredFile {
  /** Absolute path of the file, or what the sink calls it. */
  readonly path?: string;
  /** Digest of its bytes as they are there, computed here. Absent where they were not read. */
  readonly digest?: { readonly algorithm: string; readonly hex: string };
}

/** When the next attempt takes place, and for how long there will be more. */
export interface NextAttempt {
  /** Failures in a row without progress, this one included. */
  readonly failures: number;
  /** Delay before the attempt, in milliseconds. */
  readonly delayMs: number;
  /** How long attempts continue from now on, in milliseconds; absent where they are limited by their number alone. */
  readonly leftMs?: number;
  /** Code of the system for the failure, such as `ECONNREFUSED`, where there is one. */
  readonly systemCode?: string;
  /** HTTP status that the server refused with, where it answered. */
  readonly status?: number;
  /** Scheme, host and port that the bytes were requested from, where a transfer failed; hosts may serve files for a vCenter. */
  readonly origin?: string;
}

/** A file that a download will fetch. */
export interface PlannedFile {
  readonly name: string;
  readonly sizeBytes?: number;
}
