import type { DownloadEvent, FileState } from "@carrel/core";
import { ItemsProgress } from "./items-progress.ts";
import type { ArrivingItem } from "./items-progress.ts";
import type { Screen } from "./screen.ts";

/** Bars for the files that are on their way, of all items, and one for all. Only on a terminal. */
export interface DownloadBars extends Disposable {
  /** Begins with an item. */
  begin(item: ArrivingItem): ItemBars;
}

/** The bars of one item. */
export interface ItemBars {
  /** Takes in an event. Returns what is known of its file, where it is about one. */
  readonly event: (event: DownloadEvent) => FileState | undefined;
  /** The item has arrived, or failed. */
  readonly end: () => void;
}

/** Makes bars for the items that are to arrive. They go when the signal aborts, or when they are disposed. */
export function createDownloadBars(screen: Screen, items: readonly ArrivingItem[], signal: AbortSignal): DownloadBars {
  const progress = new ItemsProgress(items);
  const bars = items.length === 0 || signal.aborted ? undefined : screen.showBars(() => progress.rows());
  const hide = (): void => bars?.[Symbol.dispose]();
  signal.addEventListener("abort", hide, { once: true });
  return {
    begin(item) {
      progress.begin(item);
      return {
        event: (event) => progress.apply(item, event, performance.now()),
        end: () => progress.end(item),
      };
    },
    [Symbol.dispose]() {
      signal.removeEventListener("abort", hide);
      hide();
    },
  };
}
