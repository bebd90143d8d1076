import type { DownloadEvent, FileState, VerifiedBy } from "@carrel/core";
import { createDownloadBars } from "./download-bars.ts";
import { fileLine } from "./file-line.ts";
import type { ArrivingItem } from "./items-progress.ts";
import { printable } from "./printable.ts";
import type { Screen } from "./screen.ts";

/** Shows downloads: bars while they run, and a line for each finished file. */
export interface DownloadDisplay extends Disposable {
  /** Begins with an item. */
  begin(item: ArrivingItem): ItemDisplay;
}

/** Shows one item. */
export interface ItemDisplay {
  readonly event: (event: DownloadEvent) => void;
  /** The item has arrived, or failed. */
  readonly end: () => void;
}

/** Makes a display for items. The bars go when the signal aborts, or when it is disposed. */
export function createDownloadDisplay(
  screen: Screen,
  items: readonly ArrivingItem[],
  signal: AbortSignal,
): DownloadDisplay {
  const bars = createDownloadBars(screen, items, signal);
  return {
    begin(item) {
      const { event: show, end } = bars.begin(item);
      const prefix = items.length > 1 ? `${item.name}/` : "";
      return {
        event(event) {
          const file = show(event);
          if (file?.phase === "finished" || file?.phase === "skipped") screen.print(describeFile(file, prefix, screen));
        },
        end,
      };
    },
    [Symbol.dispose]: () => bars[Symbol.dispose](),
  };
}

function describeFile(file: FileState, prefix: string, screen: Screen): string {
  const { receivedBytes: sizeBytes, verifiedBy = "nothing", meanBytesPerSecond: bytesPerSecond } = file;
  const name = printable(prefix + file.name);
  const line = { name, sizeBytes, verifiedBy, bytesPerSecond, skipped: file.phase === "skipped" };
  return fileLine(line, (verified, text) => screen.paint(colourOf(verified), text));
}

function colourOf(verifiedBy: VerifiedBy): "green" | "yellow" {
  return verifiedBy === "nothing" ? "yellow" : "green";
}
