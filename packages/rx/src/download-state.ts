import type { CarrelErrorJson, LeaseSession, PackageNote, VerifiedBy } from "@carrel/core";

/**
 * One file of a download.
 *
 * - `waiting`: planned, nothing done yet.
 * - `preparing`: the server is making it ready.
 * - `transferring`: its bytes arrive.
 * - `finished`: it is there under its final name; `verifiedBy` says how it is known to be whole.
 * - `skipped`: it was there already.
 * - `failed`: it cannot be downloaded; `error` says why.
 */
export interface FileState {
  readonly name: string;
  readonly phase: "waiting" | "preparing" | "transferring" | "finished" | "skipped" | "failed";
  /** What the server has made ready, while it prepares. */
  readonly preparedBytes: number;
  /** Counted from the start of the file, resumed parts included. */
  readonly receivedBytes: number;
  /** Size of the file, once it is known. */
  readonly totalBytes?: number;
  /** 0 unless transferring. */
  readonly bytesPerSecond: number;
  /** How often a broken or earlier transfer went on at a byte. */
  readonly resumes: number;
  /** `nothing` means that there was nothing to check against: do not show such a file as verified. */
  readonly verifiedBy?: VerifiedBy;
  /** Why it failed. */
  readonly error?: CarrelErrorJson;
  /** Why an OVF manifest that should have proved the file did not, where that is so: show it beside `verifiedBy`. */
  readonly doubts?: readonly PackageNote[];
}

/** What a screen shows of one download. Frozen, replaced at each event; files that did not change stay the same. */
export interface DownloadState {
  readonly phase: "starting" | "running" | "done";
  /** The download session, once there is one. */
  readonly session?: LeaseSession;
  /** In the order of the plan. */
  readonly files: readonly FileState[];
  /** Of all files, skipped and resumed parts included. */
  readonly receivedBytes: number;
  /** Of all files, once it is known. */
  readonly totalBytes?: number;
  /** 0 to 100, not rounded, once the total is known. */
  readonly percent?: number;
  /** Of all files that are transferring. */
  readonly bytesPerSecond: number;
  /** Time left at this rate, while there is one and the total is known. */
  readonly etaMs?: number;
}
