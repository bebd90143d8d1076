import type { DownloadEvent, VerifiedBy } from "@carrel/core";
import { createDownloadProgress, meanRate } from "./download-progress.ts";
import type { FileProgress } from "./download-progress.ts";
import { downloadRows } from "./download-rows.ts";
import { fileLine } from "./file-line.ts";
import { formatBytes, formatCount, formatDuration, formatRate } from "./format.ts";
import { printable } from "./printable.ts";
import type { Screen } from "./screen.ts";
import { paint } from "./style.ts";

/** Shows a download: bars while it runs, a line for each finished file, a line for all. */
export interface DownloadDisplay extends Disposable {
  event(event: DownloadEvent): void;
}

/** Makes a display. The bars go when the signal aborts, or when it is disposed. */
export function createDownloadDisplay(screen: Screen, signal: AbortSignal): DownloadDisplay {
  const progress = createDownloadProgress();
  let bars: Disposable | undefined;
  const hideBars = (): void => {
    bars?.[Symbol.dispose]();
    bars = undefined;
  };
  signal.addEventListener("abort", hideBars, { once: true });

  return {
    event(event) {
      progress.apply(event, performance.now());
      if (event.type === "plan" && !signal.aborted) {
        bars ??= screen.showBars((rows) => downloadRows([...progress.files.values()], rows));
      }
      if (event.type === "verified" || event.type === "skipped") {
        const file = progress.files.get(event.file);
        if (file) screen.print(describeFile(file, screen.stdout));
      }
      if (event.type === "done") {
        hideBars();
        screen.print(describeAll(event, [...progress.files.values()]));
      }
    },
    [Symbol.dispose]() {
      signal.removeEventListener("abort", hideBars);
      hideBars();
    },
  };
}

function describeFile(file: FileProgress, stream: NodeJS.WriteStream): string {
  const { skipped, by = "nothing" } = file;
  const line = {
    name: printable(file.name),
    sizeBytes: file.receivedBytes,
    by,
    bytesPerSecond: meanRate(file),
    skipped,
  };
  return fileLine(line, (verified, text) => paint(stream, colourOf(verified), text));
}

function colourOf(by: VerifiedBy): "green" | "yellow" {
  return by === "nothing" ? "yellow" : "green";
}

function describeAll(done: Extract<DownloadEvent, { type: "done" }>, files: readonly FileProgress[]): string {
  const bytes = files.reduce((total, file) => total + file.receivedBytes, 0);
  const rate = done.durationMs > 0 && done.receivedBytes > 0 ? done.receivedBytes / (done.durationMs / 1000) : 0;
  const what = `${formatCount(done.files, "file")}, ${formatBytes(bytes)} in ${formatDuration(done.durationMs)}`;
  const unverified = files.filter((file) => file.by === "nothing").length;
  const verdict = unverified === 0 ? "all verified" : `${unverified} UNVERIFIED: nothing to check against`;
  return `${what}${rate > 0 ? ` (${formatRate(rate)})` : ""}, ${verdict}.`;
}
