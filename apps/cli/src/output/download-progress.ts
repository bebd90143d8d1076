import type { DownloadEvent, VerifiedBy } from "@carrel/core";

/** What is known of one file of a download. */
export interface FileProgress {
  readonly name: string;
  readonly phase: "waiting" | "preparing" | "transferring" | "done" | "failed";
  /** Received so far, resumed parts included. */
  readonly receivedBytes: number;
  readonly totalBytes: number | undefined;
  readonly bytesPerSecond: number;
  /** Where this run's bytes began: above 0 for a resumed file. */
  readonly firstByte: number;
  readonly startedAtMs: number | undefined;
  readonly finishedAtMs: number | undefined;
  readonly verifiedBy: VerifiedBy | undefined;
  readonly skipped: boolean;
}

/** What is known of a download: its events, folded. */
export interface DownloadProgress {
  readonly files: ReadonlyMap<string, FileProgress>;
  /** Takes in an event that came at a time of a monotonic clock, in milliseconds. */
  apply(event: DownloadEvent, nowMs: number): void;
}

const unknown: Omit<FileProgress, "name"> = {
  phase: "waiting",
  receivedBytes: 0,
  totalBytes: undefined,
  bytesPerSecond: 0,
  firstByte: 0,
  startedAtMs: undefined,
  finishedAtMs: undefined,
  verifiedBy: undefined,
  skipped: false,
};

/** Starts with nothing known. */
export function createDownloadProgress(): DownloadProgress {
  const files = new Map<string, FileProgress>();
  const change = (name: string, nowMs: number, changes: Partial<FileProgress>): void => {
    const before = files.get(name) ?? { name, ...unknown };
    files.set(name, { ...before, startedAtMs: before.startedAtMs ?? nowMs, ...changes });
  };

  return {
    files,
    apply(event, nowMs) {
      switch (event.type) {
        case "plan":
          for (const { name, sizeBytes } of event.files) {
            files.set(name, { name, ...unknown, ...files.get(name), totalBytes: sizeBytes });
          }
          break;
        case "preparing":
          // Its time begins when the server is done with it.
          change(event.file, nowMs, { phase: "preparing", startedAtMs: nowMs });
          break;
        case "resumed":
          if (files.get(event.file)?.phase !== "transferring") change(event.file, nowMs, { firstByte: event.fromByte });
          break;
        case "transferring":
          change(event.file, nowMs, {
            phase: "transferring",
            receivedBytes: event.receivedBytes,
            totalBytes: event.totalBytes ?? files.get(event.file)?.totalBytes,
            bytesPerSecond: event.bytesPerSecond,
          });
          break;
        case "finished":
        case "skipped":
          change(event.file, nowMs, {
            phase: "done",
            receivedBytes: event.sizeBytes,
            totalBytes: event.sizeBytes,
            bytesPerSecond: 0,
            finishedAtMs: nowMs,
            verifiedBy: event.verifiedBy,
            skipped: event.type === "skipped",
          });
          break;
        case "failed":
          change(event.file, nowMs, { phase: "failed", bytesPerSecond: 0 });
          break;
        case "session":
        case "waiting":
        case "archive":
        case "manifest":
        case "done":
          break;
        default:
          event satisfies never;
      }
    },
  };
}

/** Of less than that the time says nothing. */
const leastBytes = 65_536;

/** Bytes per second of a finished file over the time that it took, or undefined where there is nothing to measure. */
export function meanRate(file: FileProgress): number | undefined {
  const { startedAtMs, finishedAtMs } = file;
  if (file.skipped || startedAtMs === undefined || finishedAtMs === undefined) return undefined;
  const bytes = file.receivedBytes - file.firstByte;
  const seconds = (finishedAtMs - startedAtMs) / 1000;
  return bytes >= leastBytes && seconds > 0 ? bytes / seconds : undefined;
}
