import type { DownloadEvent, VerifiedBy } from "@carrel/core";
import { createDownloadBars } from "./download-bars.ts";
import { meanRate } from "./download-progress.ts";
import type { FileProgress } from "./download-progress.ts";
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
          if (file?.phase === "done") screen.print(describeFile(file, prefix, screen));
        },
        end,
      };
    },
    [Symbol.dispose]: () => bars[Symbol.dispose](),
  };
}

function describeFile(file: FileProgress, prefix: string, screen: Screen): string {
  const { name, receivedBytes: sizeBytes, verifiedBy = "nothing", skipped } = file;
  const line = { name: printable(prefix + name), sizeBytes, verifiedBy, bytesPerSecond: meanRate(file), skipped };
  return fileLine(line, (verified, text) => screen.paint(colourOf(verified), text));
}

function colourOf(verifiedBy: VerifiedBy): "green" | "yellow" {
  return verifiedBy === "nothing" ? "yellow" : "green";
}
