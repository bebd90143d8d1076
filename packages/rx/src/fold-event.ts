import type { DownloadEvent } from "@carrel/core";
import type { DownloadState, FileState } from "./download-state.ts";

/** The state after an event. */
export function foldEvent(state: DownloadState, event: DownloadEvent): DownloadState {
  switch (event.type) {
    case "session":
      return sumUp({ ...state, session: event.session });
    case "plan": {
      const { totalBytes } = event;
      const files = event.files.map(({ name, sizeBytes }) => Object.freeze({ ...newFile(name), ...sized(sizeBytes) }));
      return sumUp({ ...state, files, ...sized(totalBytes) });
    }
    case "preparing":
      return withFile(state, event.file, { phase: "preparing", preparedBytes: event.preparedBytes });
    case "transferring": {
      const { receivedBytes, totalBytes, bytesPerSecond } = event;
      return withFile(state, event.file, {
        phase: "transferring",
        receivedBytes,
        bytesPerSecond,
        ...sized(totalBytes),
      });
    }
    case "resumed":
      return withFile(state, event.file, { phase: "transferring", receivedBytes: event.fromByte }, 1);
    case "finished":
      return withFile(state, event.file, { phase: "finished", ...whole(event) });
    case "skipped":
      return withFile(state, event.file, { phase: "skipped", ...whole(event) });
    case "failed":
      return withFile(state, event.file, { phase: "failed", bytesPerSecond: 0, error: event.error });
    case "waiting":
    case "archive":
    case "manifest":
      return state;
    case "done":
      return sumUp({ ...state, phase: "done" });
    default:
      return event satisfies never;
  }
}

type Whole = Pick<FileState, "receivedBytes" | "totalBytes" | "bytesPerSecond" | "verifiedBy" | "doubts">;

function whole({ verifiedBy, sizeBytes, doubts }: Extract<DownloadEvent, { type: "finished" | "skipped" }>): Whole {
  return {
    receivedBytes: sizeBytes,
    totalBytes: sizeBytes,
    bytesPerSecond: 0,
    verifiedBy,
    ...(doubts && { doubts }),
  };
}

function newFile(name: string): FileState {
  return { name, phase: "waiting", preparedBytes: 0, receivedBytes: 0, bytesPerSecond: 0, resumes: 0 };
}

function sized(totalBytes: number | undefined): { readonly totalBytes?: number } {
  return totalBytes === undefined ? {} : { totalBytes };
}

function withFile(state: DownloadState, name: string, change: Partial<FileState>, resumes = 0): DownloadState {
  const known = state.files.find((file) => file.name === name);
  const before = known ?? newFile(name);
  const after = Object.freeze({ ...before, ...change, resumes: before.resumes + resumes });
  const files = known ? state.files.map((file) => (file === known ? after : file)) : [...state.files, after];
  return sumUp({ ...state, files });
}

function sumUp(state: DownloadState): DownloadState {
  const { session, files } = state;
  const receivedBytes = sum(files, (file) => file.receivedBytes);
  const bytesPerSecond = sum(files, (file) => file.bytesPerSecond);
  const sizesKnown = files.length > 0 && files.every((file) => file.totalBytes !== undefined);
  const totalBytes = sizesKnown ? sum(files, (file) => file.totalBytes ?? 0) : state.totalBytes;
  return Object.freeze({
    phase: state.phase === "done" ? "done" : "running",
    files: Object.freeze(files),
    receivedBytes,
    bytesPerSecond,
    ...(session && { session }),
    ...(totalBytes !== undefined && {
      totalBytes,
      percent: totalBytes > 0 ? Math.min(100, (receivedBytes / totalBytes) * 100) : 100,
      ...(bytesPerSecond > 0 && { etaMs: (Math.max(0, totalBytes - receivedBytes) / bytesPerSecond) * 1_000 }),
    }),
  });
}

function sum(files: readonly FileState[], of: (file: FileState) => number): number {
  return files.reduce((total, file) => total + of(file), 0);
}
