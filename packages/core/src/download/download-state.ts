import type { CarrelErrorJson } from "../errors/carrel-error.ts";
import { defined } from "../kit/objects.ts";
import type { LeaseSession } from "../lease/lease-snapshot.ts";
import type { DownloadEvent, VerifiedBy } from "./download-event.ts";
import type { PackageNote } from "./package-report.ts";

/**
 * One file of a download, as a screen shows it. Sizes in bytes, rates in bytes per second, times in milliseconds.
 *
 * - `waiting`: planned, not begun; or another process has its lock (`lockedBy`).
 * - `preparing`: the server is preparing it.
 * - `transferring`: its bytes arrive.
 * - `finished`: it has its final name; `verifiedBy` says how it is known to be whole.
 * - `skipped`: it existed already, whole.
 * - `failed`: it cannot be downloaded; `error` says why.
 */
export interface FileState {
  readonly name: string;
  readonly phase: "waiting" | "preparing" | "transferring" | "finished" | "skipped" | "failed";
  /** How much the server has prepared. */
  readonly preparedBytes: number;
  /** Counted from the start of the file, resumed parts included. */
  readonly receivedBytes: number;
  /** The size of the file, once it is known. */
  readonly totalBytes?: number;
  /** 0 to 100, not rounded, once the size is known. */
  readonly percent?: number;
  /** 0 unless transferring. */
  readonly bytesPerSecond: number;
  /** Time left at this rate, while there is one and the size is known. */
  readonly etaMs?: number;
  /** How often a broken or earlier transfer was resumed. */
  readonly resumes: number;
  /** How often its bytes arrived damaged and were fetched again; absent where never. */
  readonly damages?: number;
  /** The byte at which this run began to fetch: above 0 where it resumed what an earlier run had fetched. */
  readonly firstByte: number;
  /** When its transfer began, by the clock of {@link foldDownloadEvent}. */
  readonly startedAtMs?: number;
  /**
   * The mean rate of a finished file, over what this run fetched of it; absent below 64 KiB, where it would say
   * nothing.
   */
  readonly meanBytesPerSecond?: number;
  /** When its last bytes arrived, by the clock of {@link foldDownloadEvent}. A long time ago means that the transfer stalls. */
  readonly lastByteAtMs?: number;
  /** Its transfer is interrupted, and attempted again. Absent where it is not. */
  readonly reconnecting?: Reconnecting;
  /** Bytes that are kept arrive again and are compared, this many of that many so far. Absent where that is not so. */
  readonly rereading?: { readonly comparedBytes: number; readonly keptBytes: number };
  /** What is kept of it for a later download, where this one has ended before it was complete. */
  readonly keptBytes?: number;
  /** The process that has the file's lock, while it is waited for. */
  readonly lockedBy?: string;
  /** `nothing` means that there was nothing to compare with: do not show such a file as verified. */
  readonly verifiedBy?: VerifiedBy;
  /** When an earlier download recorded a skipped file, whose bytes it still has. */
  readonly unchangedSince?: string;
  /** How that download verified it. */
  readonly recordedBy?: VerifiedBy;
  /** Why it failed. */
  readonly error?: CarrelErrorJson;
  /** Why an OVF manifest that should have proved the file did not, where that is so: show it beside `verifiedBy`. */
  readonly doubts?: readonly PackageNote[];
}

/** An interrupted transfer, between two attempts. */
export interface Reconnecting {
  /** When that was reported, by the clock of {@link foldDownloadEvent}. */
  readonly sinceMs: number;
  /** Failures in a row without progress. */
  readonly failures: number;
  /** How long attempts continue from then on, in milliseconds; absent where their number alone limits them. */
  readonly leftMs?: number;
}

/**
 * What a screen shows of one download. Frozen, replaced at each event; files that did not change stay the same objects.
 */
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

/** The state before the first event. */
export const initialDownloadState: DownloadState = Object.freeze({
  phase: "starting",
  files: Object.freeze([]),
  receivedBytes: 0,
  bytesPerSecond: 0,
});

/** Below this the time that a transfer took says nothing of its rate. */
const leastMeasuredBytes = 65_536;

/**
 * Returns the state after an event. Pure: the same arguments give the same state, and nothing is changed in place.
 *
 * Cost on the wire: nothing.
 *
 * @param nowMs - When the event came, in milliseconds of a monotonic clock such as `performance.now()`.
 *
 * @example
 * ```ts
 * import { foldDownloadEvent, initialDownloadState } from "@carrel/core";
 * import type { DownloadEvent } from "@carrel/core";
 *
 * async function showPercent(events: AsyncIterable<DownloadEvent>, show: (text: string) => void): Promise<void> {
 *   let state = initialDownloadState;
 *   for await (const event of events) {
 *     state = foldDownloadEvent(state, event, performance.now());
 *     show(state.percent === undefined ? state.phase : `${Math.floor(state.percent)} %`);
 *   }
 * }
 * ```
 */
export function foldDownloadEvent(state: DownloadState, event: DownloadEvent, nowMs: number): DownloadState {
  switch (event.type) {
    case "session":
      return sumUp({ ...state, session: event.session });
    case "plan": {
      const files = event.files.map(({ name, sizeBytes }) =>
        change(fileOf(state, name), defined({ totalBytes: sizeBytes })),
      );
      return sumUp({ ...state, files, ...defined({ totalBytes: event.totalBytes }) });
    }
    case "waiting":
      return withFile(state, event.file, () => ({ phase: "waiting", lockedBy: event.holder }));
    case "preparing": {
      // The transfer begins when the server has prepared the file.
      const { preparedBytes } = event;
      return withFile(state, event.file, () => ({ phase: "preparing", preparedBytes, startedAtMs: nowMs }));
    }
    case "resumed": {
      const { fromByte, failures, leftMs } = event;
      const reconnecting = failures === undefined ? undefined : { sinceMs: nowMs, failures, ...defined({ leftMs }) };
      return withFile(state, event.file, ({ phase, firstByte, startedAtMs = nowMs, resumes }) => ({
        phase: "transferring",
        receivedBytes: fromByte,
        bytesPerSecond: 0,
        resumes: resumes + 1,
        startedAtMs,
        firstByte: phase === "transferring" ? firstByte : fromByte,
        ...defined({ reconnecting }),
      }));
    }
    case "rereading": {
      const { comparedBytes, keptBytes } = event;
      return withFile(state, event.file, ({ startedAtMs = nowMs }) => ({
        phase: "transferring",
        bytesPerSecond: 0,
        startedAtMs,
        lastByteAtMs: nowMs,
        rereading: { comparedBytes, keptBytes },
      }));
    }
    case "damaged":
      return withFile(state, event.file, ({ damages = 0 }) => ({
        phase: "transferring",
        receivedBytes: 0,
        firstByte: 0,
        bytesPerSecond: 0,
        startedAtMs: nowMs,
        damages: damages + 1,
      }));
    case "interrupted": {
      const { keptBytes } = event;
      return withFile(state, event.file, () => ({ receivedBytes: keptBytes, bytesPerSecond: 0, keptBytes }));
    }
    case "transferring": {
      const { receivedBytes, totalBytes, bytesPerSecond } = event;
      return withFile(state, event.file, ({ startedAtMs = nowMs }) => ({
        phase: "transferring",
        receivedBytes,
        bytesPerSecond,
        startedAtMs,
        lastByteAtMs: nowMs,
        ...defined({ totalBytes }),
      }));
    }
    case "finished":
    case "skipped": {
      const { type: phase, sizeBytes, verifiedBy, doubts } = event;
      return withFile(state, event.file, (before) => ({
        phase,
        receivedBytes: sizeBytes,
        totalBytes: sizeBytes,
        verifiedBy,
        ...defined({ doubts }),
        ...(event.type === "skipped" &&
          defined({ unchangedSince: event.unchangedSince, recordedBy: event.recordedBy })),
        ...(phase === "finished" && defined({ meanBytesPerSecond: meanRate(before, sizeBytes, nowMs) })),
      }));
    }
    case "failed":
      return withFile(state, event.file, () => ({ phase: "failed", error: event.error }));
    case "synchronizing":
    case "retrying":
    case "archive":
    case "manifest":
      return state;
    case "done":
      return sumUp({ ...state, phase: "done" });
    default:
      return event satisfies never;
  }
}

function meanRate({ startedAtMs, firstByte }: FileState, sizeBytes: number, nowMs: number): number | undefined {
  const bytes = sizeBytes - firstByte;
  if (startedAtMs === undefined || nowMs <= startedAtMs || bytes < leastMeasuredBytes) return undefined;
  return bytes / ((nowMs - startedAtMs) / 1_000);
}

function fileOf(state: DownloadState, name: string): FileState {
  const known = state.files.find((file) => file.name === name);
  return (
    known ?? {
      name,
      phase: "waiting",
      preparedBytes: 0,
      receivedBytes: 0,
      bytesPerSecond: 0,
      resumes: 0,
      firstByte: 0,
    }
  );
}

function withFile(
  state: DownloadState,
  name: string,
  changes: (before: FileState) => Partial<FileState>,
): DownloadState {
  const before = fileOf(state, name);
  const after = change(before, changes(before));
  const isKnown = state.files.includes(before);
  const files = isKnown ? state.files.map((file) => (file === before ? after : file)) : [...state.files, after];
  return sumUp({ ...state, files });
}

/** The file with some members changed, and those that follow from others. */
function change(before: FileState, changes: Partial<FileState>): FileState {
  const { lockedBy: _lock, reconnecting: _attempt, rereading: _reread, lastByteAtMs: _last, ...kept } = before;
  const { percent: _percent, etaMs: _eta, ...rest } = kept;
  const file = { ...rest, ...changes };
  const bytesPerSecond = file.phase === "transferring" ? file.bytesPerSecond : 0;
  return Object.freeze({ ...file, bytesPerSecond, ...progress({ ...file, bytesPerSecond }) });
}

function sumUp(state: DownloadState): DownloadState {
  const { session, files, phase } = state;
  const sizesKnown = files.length > 0 && files.every((file) => file.totalBytes !== undefined);
  const sums = {
    receivedBytes: sum(files, (file) => file.receivedBytes),
    bytesPerSecond: sum(files, (file) => file.bytesPerSecond),
    ...defined({ totalBytes: sizesKnown ? sum(files, (file) => file.totalBytes ?? 0) : state.totalBytes }),
  };
  return Object.freeze({
    phase: phase === "done" ? phase : "running",
    files: Object.freeze(files),
    ...defined({ session }),
    ...sums,
    ...progress(sums),
  });
}

/** How far something is, and how long the rest takes. */
function progress(of: {
  readonly receivedBytes: number;
  readonly totalBytes?: number;
  readonly bytesPerSecond: number;
}): Pick<DownloadState, "percent" | "etaMs"> {
  const { receivedBytes, totalBytes, bytesPerSecond } = of;
  if (totalBytes === undefined) return {};
  const percent = totalBytes > 0 ? Math.min(100, (receivedBytes / totalBytes) * 100) : 100;
  if (bytesPerSecond === 0) return { percent };
  return { percent, etaMs: (Math.max(0, totalBytes - receivedBytes) / bytesPerSecond) * 1_000 };
}

function sum(files: readonly FileState[], of: (file: FileState) => number): number {
  return files.reduce((total, file) => total + of(file), 0);
}
