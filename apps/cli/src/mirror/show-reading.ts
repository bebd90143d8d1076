import { performance } from "node:perf_hooks";
import type { FileDigest } from "@carrel/node-stream/fs";
import { formatCount } from "../output/format.ts";
import type { ProgressRow } from "../output/progress-row.ts";
import type { Screen } from "../output/screen.ts";
import { sumOf } from "./mirrored-item.ts";
import type { MirroredFile } from "./mirrored-item.ts";

/** A bar for files that are read. Only on a terminal. */
export interface ReadingBar extends Disposable {
  /** A file is being read. */
  readonly begin: (digest: FileDigest) => void;
}

/** Shows how far the reading of files is, until disposed or aborted. */
export function showReading(
  screen: Screen,
  files: readonly MirroredFile[],
  { quiet, json, signal }: { readonly quiet: boolean; readonly json: boolean; readonly signal: AbortSignal },
): ReadingBar {
  const startedAt = performance.now();
  const totalBytes = sumOf(files);
  const begun: FileDigest[] = [];
  const row = (): ProgressRow => {
    const receivedBytes = begun.reduce((sum, { latest }) => sum + (latest?.bytes ?? 0), 0);
    const bytesPerSecond = (receivedBytes * 1000) / (performance.now() - startedAt);
    const label = `reading ${formatCount(files.length, "file")}`;
    return { label, receivedBytes, totalBytes, bytesPerSecond };
  };
  const isShown = !quiet && !json && files.length > 0 && !signal.aborted;
  const bar = isShown ? screen.showBars(() => [row()]) : undefined;
  const hide = (): void => bar?.[Symbol.dispose]();
  signal.addEventListener("abort", hide, { once: true });
  return {
    begin: (digest) => void begun.push(digest),
    [Symbol.dispose]() {
      signal.removeEventListener("abort", hide);
      hide();
    },
  };
}
