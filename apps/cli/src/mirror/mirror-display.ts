import { performance } from "node:perf_hooks";
import type { DownloadEvent } from "@carrel/core";
import { createDownloadProgress } from "../output/download-progress.ts";
import type { DownloadProgress, FileProgress } from "../output/download-progress.ts";
import { formatCount } from "../output/format.ts";
import { printable } from "../output/printable.ts";
import type { ProgressRow } from "../output/progress-row.ts";
import type { Screen } from "../output/screen.ts";

/** Bars for the files that are on their way, of all items, and a line for all. Only on a terminal. */
export interface MirrorDisplay extends Disposable {
  /** Begins with an item. */
  begin(item: string): (event: DownloadEvent) => void;
  /** An item is done, or failed. */
  end(item: string): void;
}

/** Makes a display for a number of items. The bars go when the signal aborts, or when it is disposed. */
export function createMirrorDisplay(screen: Screen, items: number, signal: AbortSignal): MirrorDisplay {
  const active = new Map<string, DownloadProgress>();
  let ended = 0;
  const rows = (terminalRows: number): readonly ProgressRow[] => {
    const files = [...active].flatMap(([item, { files: each }]) => fileRows(item, each.values()));
    const receivedBytes = files.reduce((sum, row) => sum + row.receivedBytes, 0);
    const bytesPerSecond = files.reduce((sum, row) => sum + row.bytesPerSecond, 0);
    const total = { label: `${ended} of ${formatCount(items, "item")}`, receivedBytes, bytesPerSecond };
    return [...files.slice(0, Math.max(0, terminalRows - 3)), total];
  };
  const bars = items === 0 || signal.aborted ? undefined : screen.showBars(rows);
  const hide = (): void => bars?.[Symbol.dispose]();
  signal.addEventListener("abort", hide, { once: true });
  return {
    begin(item) {
      const progress = createDownloadProgress();
      active.set(item, progress);
      return (event) => progress.apply(event, performance.now());
    },
    end(item) {
      active.delete(item);
      ended += 1;
    },
    [Symbol.dispose]() {
      signal.removeEventListener("abort", hide);
      hide();
    },
  };
}

function fileRows(item: string, files: Iterable<FileProgress>): readonly ProgressRow[] {
  return [...files]
    .filter(({ phase }) => phase === "preparing" || phase === "transferring")
    .map(({ name, phase, receivedBytes, totalBytes, bytesPerSecond, etaMs }) => ({
      label: printable(`${item}/${name}`),
      receivedBytes,
      totalBytes,
      bytesPerSecond,
      etaMs,
      note: phase === "preparing" ? "being prepared by the server" : undefined,
    }));
}
