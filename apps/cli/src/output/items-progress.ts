import { foldDownloadEvent, initialDownloadState } from "@carrel/core";
import type { DownloadEvent, DownloadState, FileState } from "@carrel/core";
import { formatCount } from "./format.ts";
import { printable } from "./printable.ts";
import type { ProgressRow } from "./progress-row.ts";

/** An item that is to be downloaded. */
export interface ArrivingItem {
  readonly name: string;
  /** Name of its directory, where that is not the name of the item. */
  readonly directoryName?: string;
  /** Bytes that it uses on the server's storage: an estimate of its size until the server reports more. */
  readonly sizeBytes?: number;
}

/** The progress of items that are downloaded, some at once: their events, folded. */
export class ItemsProgress {
  readonly #items: readonly ArrivingItem[];
  readonly #active = new Map<ArrivingItem, DownloadState>();
  /** Bytes of items that ended. */
  readonly #ended = new Map<ArrivingItem, number | undefined>();

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
    this.#active.delete(item);
  }

  /** Returns a row for all items, and one for each file in transfer. */
  rows(): readonly ProgressRow[] {
    const arriving = [...this.#active].flatMap(([item, { files }]) => files.map((file) => ({ item, file })));
    if (this.#items.length === 1 && arriving.length === 0) return [];
    const rows = arriving
      .filter(({ file }) => file.phase === "preparing" || file.phase === "transferring")
      .map(({ item, file }) => fileRow(file, this.#items.length > 1 ? `${item.name}/${file.name}` : file.name));
    return [this.#totalRow(arriving.map(({ file }) => file)), ...rows];
  }

  #totalRow(arriving: readonly FileState[]): ProgressRow {
    const totals = this.#items.map((item) => (this.#ended.has(item) ? this.#ended.get(item) : this.#totalBytes(item)));
    const totalBytes = totals.includes(undefined) ? undefined : sum(totals, (bytes) => bytes ?? 0);
    const endedBytes = sum([...this.#ended.values()], (bytes) => bytes ?? 0);
    const receivedBytes = endedBytes + sum(arriving, (file) => file.receivedBytes);
    const bytesPerSecond = sum(arriving, (file) => file.bytesPerSecond);
    return { label: this.#label(arriving), receivedBytes, totalBytes, bytesPerSecond };
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

function fileRow({ phase, ...file }: FileState, label: string): ProgressRow {
  const { receivedBytes, totalBytes, bytesPerSecond } = file;
  const note = phase === "preparing" ? "being prepared by the server" : undefined;
  return { label: printable(label), receivedBytes, totalBytes, bytesPerSecond, note };
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}
