import { performance } from "node:perf_hooks";
import type { DownloadEvent } from "@carrel/core";
import { createDownloadProgress } from "../output/download-progress.ts";
import type { DownloadProgress, FileProgress } from "../output/download-progress.ts";
import { formatCount } from "../output/format.ts";
import { printable } from "../output/printable.ts";
import type { ProgressRow } from "../output/progress-row.ts";
import type { Screen } from "../output/screen.ts";
import type { LibraryItem } from "./library-items.ts";

/** Bars for the files that are on their way, of all items, and a line for all. Only on a terminal. */
export interface MirrorDisplay extends Disposable {
  /** Begins with an item. */
  begin(item: LibraryItem): (event: DownloadEvent) => void;
  /** An item is done, or failed. */
  end(item: LibraryItem): void;
}

/** Makes a display for the items that are to arrive. The bars go when the signal aborts, or when it is disposed. */
export function createMirrorDisplay(screen: Screen, items: readonly LibraryItem[], signal: AbortSignal): MirrorDisplay {
  const active = new Map<LibraryItem, DownloadProgress>();
  let ended = 0;
  let endedBytes = 0;
  // An estimate: what is not on the server's disks has no size there.
  const isKnown = items.every(({ storageBytes }) => storageBytes > 0);
  const totalBytes = isKnown ? items.reduce((sum, { storageBytes }) => sum + storageBytes, 0) : undefined;
  const rows = (terminalRows: number): readonly ProgressRow[] => {
    const all = [...active].map(([item, { files }]) => ({ item, files: [...files.values()] }));
    const shown = all.flatMap(({ item, files }) => fileRows(item, files));
    const arriving = all.flatMap(({ files }) => files);
    const total = {
      label: `${ended} of ${formatCount(items.length, "item")}`,
      receivedBytes: arriving.reduce((sum, file) => sum + file.receivedBytes, endedBytes),
      bytesPerSecond: arriving.reduce((sum, file) => sum + file.bytesPerSecond, 0),
      totalBytes,
    };
    return [...shown.slice(0, Math.max(0, terminalRows - 3)), total];
  };
  const bars = items.length === 0 || signal.aborted ? undefined : screen.showBars(rows);
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
      endedBytes += item.storageBytes;
    },
    [Symbol.dispose]() {
      signal.removeEventListener("abort", hide);
      hide();
    },
  };
}

function fileRows(item: LibraryItem, files: readonly FileProgress[]): readonly ProgressRow[] {
  return files
    .filter(({ phase }) => phase === "preparing" || phase === "transferring")
    .map(({ name, phase, receivedBytes, totalBytes, bytesPerSecond, etaMs }) => ({
      label: printable(`${item.name}/${name}`),
      receivedBytes,
      totalBytes,
      bytesPerSecond,
      etaMs,
      note: phase === "preparing" ? "being prepared by the server" : undefined,
    }));
}
