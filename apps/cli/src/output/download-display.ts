import type { DownloadEvent, FileState } from "@carrel/core";
import type { FileReport } from "@carrel/node-stream";
import { defined } from "@carrel/core/kit";
import { quote } from "@carrel/node-stream/fs";
import { ItemsProgress } from "./items-progress.ts";
import type { ArrivingItem } from "./items-progress.ts";
import type { Outages } from "./outages.ts";
import { ProgressLines } from "./progress-lines.ts";
import { printable } from "./printable.ts";
import type { EndedRun } from "./run-summary.ts";
import type { Screen } from "./screen.ts";
import { fileLine } from "./verdict.ts";

/** The bars of one item. */
export interface ItemBars {
  /** Takes in an event. Returns the state of the file that it is about. */
  readonly event: (event: DownloadEvent) => FileState | undefined;
  /** The item was downloaded, or failed. */
  readonly end: () => void;
}

/** How downloads are shown. */
export interface DisplayOptions {
  readonly signal: AbortSignal;
  /** Follows events without bars and lines: programs get the events. */
  readonly json?: boolean;
  /** Reports outages. */
  readonly outages?: Outages;
  /** The limit of --limit-rate. */
  readonly maxBytesPerSecond?: number | undefined;
}

/** Draws bars for the files in transfer, and one for all items, on a terminal; writes lines elsewhere. They go when the signal aborts, or at disposal. */
export class DownloadBars implements Disposable {
  readonly #screen: Screen;
  readonly #progress: ItemsProgress;
  readonly #signal: AbortSignal;
  readonly #hide: () => void;
  readonly #outages: Outages | undefined;

  constructor(screen: Screen, items: readonly ArrivingItem[], { json = false, outages, signal }: DisplayOptions) {
    const progress = new ItemsProgress(items);
    const isShown = items.length > 0 && !signal.aborted && !json;
    const bars = isShown ? screen.showBars(() => progress.rows()) : undefined;
    this.#screen = screen;
    this.#progress = progress;
    this.#outages = outages;
    if (outages !== undefined) outages.kept = () => progress.bytes;
    this.#signal = signal;
    const write = (line: string): void => screen.reportProgress(line);
    const hasLines = screen.hasProgressLines && !signal.aborted && !json;
    const lines = hasLines ? new ProgressLines({ write, total: () => progress.rows()[0] }) : undefined;
    this.#hide = () => {
      bars?.[Symbol.dispose]();
      lines?.[Symbol.dispose]();
    };
    signal.addEventListener("abort", this.#hide, { once: true });
  }

  /** Begins with an item. */
  begin(item: ArrivingItem): ItemBars {
    this.#progress.begin(item);
    return {
      event: (event) => {
        const file = this.#progress.apply(item, event, performance.now());
        this.#outages?.event(item.name, event);
        if (event.type === "damaged") this.#screen.remark(damagedText(item.name, event));
        return file;
      },
      end: () => this.#progress.end(item),
    };
  }

  /** What has become of the files so far. */
  get outcome(): EndedRun {
    return this.#progress.outcome;
  }

  [Symbol.dispose](): void {
    this.#signal.removeEventListener("abort", this.#hide);
    this.#hide();
  }
}

/** An item that is shown. */
export interface ShownItem extends ArrivingItem {
  readonly id: string;
}

/** What shows one item. */
export interface ItemDisplay {
  readonly event: (event: DownloadEvent) => void;
  /** The item was downloaded, or failed. */
  readonly end: () => void;
}

/** Of more files than this the lines are below those of their items on a terminal. */
export const mostUngrouped = 10;

/**
 * Shows downloads: bars while they run, and a line for each finished file; or their events as JSON. On a terminal the files of many
 * items are listed when their item ends, below its name: items that arrive at the same time would take turns.
 */
export class DownloadDisplay implements Disposable {
  readonly #screen: Screen;
  readonly #bars: DownloadBars;
  readonly #hasSeveral: boolean;
  readonly #json: boolean;
  readonly #maxBytesPerSecond: number;
  /** Lines of items that have not ended. */
  readonly #pending = new Map<ShownItem, string[]>();
  /** Files of the items that have begun. */
  #files = 0;

  constructor(screen: Screen, items: readonly ShownItem[], options: DisplayOptions) {
    this.#screen = screen;
    this.#bars = new DownloadBars(screen, items, options);
    this.#hasSeveral = items.length > 1;
    this.#json = options.json ?? false;
    this.#maxBytesPerSecond = options.maxBytesPerSecond ?? Infinity;
  }

  /** What has become of the files so far. */
  get outcome(): EndedRun {
    return this.#bars.outcome;
  }

  /** Begins with an item. */
  begin(item: ShownItem): ItemDisplay {
    const { event: show, end } = this.#bars.begin(item);
    const { name, directoryName = name } = item;
    const prefix = this.#hasSeveral ? `${directoryName}/` : "";
    // The directory of an item whose name cannot be one does not show which item it is.
    const suffix = this.#hasSeveral && directoryName !== name ? `  (${printable(quote(name))})` : "";
    const event = (each: DownloadEvent): void => {
      const file = show(each);
      if (this.#json) return;
      if (each.type === "plan") this.#files += each.files.length;
      if (file?.phase !== "finished" && file?.phase !== "skipped") return;
      const lines = this.#pending.get(item) ?? [];
      if (!this.#isGrouped && lines.length === 0) return this.#screen.print(this.#describe(file, prefix) + suffix);
      this.#pending.set(item, [...lines, this.#describe(file, "")]);
    };
    return {
      event,
      end: () => {
        this.#printPending(item);
        end();
      },
    };
  }

  [Symbol.dispose](): void {
    for (const item of this.#pending.keys()) this.#printPending(item);
    this.#bars[Symbol.dispose]();
  }

  get #isGrouped(): boolean {
    return this.#hasSeveral && this.#screen.stdout.isTTY && this.#files > mostUngrouped;
  }

  #printPending(item: ShownItem): void {
    const lines = this.#pending.get(item);
    if (lines === undefined) return;
    this.#pending.delete(item);
    const { name, directoryName = name } = item;
    this.#screen.print(`${printable(directoryName)}/${directoryName === name ? "" : `  (${printable(quote(name))})`}`);
    for (const line of lines) this.#screen.print(line);
  }

  #describe(file: FileState, prefix: string): string {
    const { receivedBytes: sizeBytes, verifiedBy = "nothing", meanBytesPerSecond: mean } = file;
    // A small file arrives at once, and the limit makes the next one wait for it.
    const bytesPerSecond = mean !== undefined && mean <= this.#maxBytesPerSecond ? mean : undefined;
    const known = defined({ unchangedSince: file.unchangedSince, recordedBy: file.recordedBy });
    const name = printable(prefix + file.name);
    const line = { name, sizeBytes, verifiedBy, bytesPerSecond, skipped: file.phase === "skipped", ...known };
    return fileLine(line, (by, text) => this.#screen.paint(by === "nothing" ? "yellow" : "green", text));
  }
}

function damagedText(item: string, event: Extract<DownloadEvent, { type: "damaged" }>): string {
  const { file, attempt, attempts, cause } = event;
  return printable(
    `"${item}/${file}" arrived damaged, fetching it again (${attempt} of ${attempts}): ${cause.message}`,
  );
}

/** Warns that a lock is watched whose process shows no sign of life. */
export function waitingText({ file, holder, leftMs }: Extract<DownloadEvent, { type: "waiting" }>): string {
  const seconds = Math.ceil(leftMs / 1_000);
  return printable(`"${file}" is locked by ${holder}, which shows no sign of life: waiting up to ${seconds} s for one`);
}

/** Says that an item is waited for that the vCenter has to fetch first. */
export function synchronizingText(item: string): string {
  return `"${printable(item)}" is not cached: waiting for the vCenter to fetch it`;
}

/** What was downloaded into a directory. */
interface Downloaded {
  readonly directory: string;
  readonly files: readonly Pick<FileReport, "unflushed">[];
}

/** Warns that downloads could not be flushed to the disk; `undefined` where they were. */
export function unflushedText(reports: readonly Downloaded[]): string | undefined {
  const directory = reports.find(({ files }) => files.some(({ unflushed }) => unflushed))?.directory;
  if (directory === undefined) return undefined;
  const where = printable(directory);
  return `The file system of ${where} cannot flush files to the disk: what was downloaded is whole, but a power cut may undo it`;
}
