import { foldDownloadEvent, initialDownloadState } from "@carrel/core";
import type { DownloadEvent, DownloadState, FileState } from "@carrel/core";
import type { KeptBytes } from "./outages.ts";
import { formatCount } from "./format.ts";
import { EndedRun } from "./run-summary.ts";
import { transferState } from "./transfer-state.ts";
import { printable } from "./printable.ts";
import type { ProgressRow } from "./progress-row.ts";

/** An item that is to be downloaded. */
export interface ArrivingItem {
  readonly name: string;
  /** Name of its directory, where that is not the name of the item. */
  readonly directoryName?: string;
  /** Where its files go, where that is worth a word. */
  readonly directory?: string;
  /** Bytes that it uses on the server's storage: an estimate of its size until the server reports more. */
  readonly sizeBytes?: number;
}

/** The progress of items that are downloaded, some at once: their events, folded. */
export class ItemsProgress {
  readonly #items: readonly ArrivingItem[];
  readonly #active = new Map<ArrivingItem, DownloadState>();
  /** Bytes of items that ended. */
  readonly #ended = new Map<ArrivingItem, number | undefined>();
  readonly #endStates = new Map<ArrivingItem, DownloadState>();

  constructor(items: readonly ArrivingItem[]) {
    this.#items = items;
  }

  /** Begins with an item. */
  begin(item: ArrivingItem): void {
    this.#active.set(item, initialDownloadState);
  }

  /**
   * Takes in an event of an item, with the time of a monotonic clock in milliseconds. Returns the state of the file that it
   * is about.
   */
  apply(item: ArrivingItem, event: DownloadEvent, nowMs: number): FileState | undefined {
    const state = foldDownloadEvent(this.#active.get(item) ?? initialDownloadState, event, nowMs);
    this.#active.set(item, state);
    return "file" in event ? state.files.find(({ name }) => name === event.file) : undefined;
  }

  /** An item was downloaded, or failed. */
  end(item: ArrivingItem): void {
    this.#ended.set(item, this.#totalBytes(item));
    const state = this.#active.get(item);
    if (state !== undefined) this.#endStates.set(item, state);
    this.#active.delete(item);
  }

  /** Returns what has become of the files so far. */
  get outcome(): EndedRun {
    return new EndedRun(
      this.#items.map((item) => ({ ...item, state: this.#active.get(item) ?? this.#endStates.get(item) })),
    );
  }

  /** Returns a row for all items, and one for each file in transfer. */
  rows(nowMs: number = performance.now()): readonly ProgressRow[] {
    const arriving = [...this.#active].flatMap(([item, { files }]) => files.map((file) => ({ item, file })));
    if (this.#items.length === 1 && arriving.length === 0) return [];
    const rows = arriving
      .filter(({ file }) => file.phase === "preparing" || file.phase === "transferring")
      .map(({ item, file }) => fileRow(file, this.#items.length > 1 ? `${item.name}/${file.name}` : file.name, nowMs));
    return [
      this.#totalRow(
        arriving.map(({ file }) => file),
        nowMs,
      ),
      ...rows,
    ];
  }

  /** What is received, of how much, of all items. */
  get bytes(): KeptBytes {
    const arriving = [...this.#active.values()].flatMap(({ files }) => files);
    const totals = this.#items.map((item) => (this.#ended.has(item) ? this.#ended.get(item) : this.#totalBytes(item)));
    const totalBytes = totals.includes(undefined) ? undefined : sum(totals, (bytes) => bytes ?? 0);
    const endedBytes = sum([...this.#ended.values()], (bytes) => bytes ?? 0);
    return { receivedBytes: endedBytes + sum(arriving, (file) => file.receivedBytes), totalBytes };
  }

  #totalRow(arriving: readonly FileState[], nowMs: number): ProgressRow {
    const transferring = arriving.filter(({ phase }) => phase === "transferring");
    // Why one waits for the server says less than that another is reconnecting to it.
    const active = transferring.toSorted((one, other) => +isReconnecting(other) - +isReconnecting(one));
    const states = active.map((file) => transferState(file, nowMs));
    // A file that stands still does not make the others slower.
    const bytesPerSecond = sum(active, (file) => (transferState(file, nowMs) === undefined ? file.bytesPerSecond : 0));
    const state = states.includes(undefined) ? undefined : states[0];
    return { label: this.#label(arriving), ...this.bytes, bytesPerSecond, state };
  }

  #label(arriving: readonly FileState[]): string {
    if (this.#items.length > 1) return `${this.#ended.size} of ${formatCount(this.#items.length, "item")}`;
    const done = arriving.filter(({ phase }) => phase === "finished" || phase === "skipped").length;
    return `${done} of ${formatCount(arriving.length, "file")}`;
  }

  #totalBytes(item: ArrivingItem): number | undefined {
    const files = this.#active.get(item)?.files ?? [];
    const known = files.length > 0 && files.every(({ totalBytes }) => totalBytes !== undefined);
    if (known) return sum(files, ({ totalBytes }) => totalBytes ?? 0);
    // The server reports a size of 0 for content that is not on its disk.
    return item.sizeBytes || undefined;
  }
}

function isReconnecting({ reconnecting }: FileState): boolean {
  return reconnecting !== undefined;
}

function fileRow(file: FileState, label: string, nowMs: number): ProgressRow {
  const { phase, receivedBytes, totalBytes, bytesPerSecond } = file;
  const note = phase === "preparing" ? "being prepared by the server" : undefined;
  const state = phase === "transferring" ? transferState(file, nowMs) : undefined;
  return { label: printable(label), receivedBytes, totalBytes, bytesPerSecond, note, state };
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}
