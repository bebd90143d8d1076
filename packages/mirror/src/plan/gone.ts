import { defined } from "@carrel/core/kit";
import type { Mirror } from "../record/mirror.ts";
import type { Comparison } from "./plan.ts";
import type { RecordedFile, RecordedItem, SpareDirectory } from "../record/record-text.ts";

/** Something that no longer exists on the server, and since when. */
type Gone = Pick<RecordedItem | RecordedFile, "goneSince">;

/** How long subscribers may read what is not published any more: time enough for the largest library over a slow line. */
const unlistedAfterMs = 24 * 60 * 60 * 1000;

/** Decides what has been gone for long enough to be deleted. */
export class Grace {
  readonly #afterMs: number;
  readonly #unlistedAfterMs: number | undefined;
  readonly #nowMs: number;

  /**
   * @param afterMs - How long something must have been gone.
   * @param isPublished - Whether subscribers may be reading it: then it must not have been published for as long, either.
   */
  constructor(afterMs: number | undefined, nowMs: number, isPublished: boolean) {
    this.#afterMs = afterMs ?? 0;
    this.#unlistedAfterMs = isPublished ? (afterMs ?? unlistedAfterMs) : undefined;
    this.#nowMs = nowMs;
  }

  /** Returns whether it can be deleted now. What was not recorded as gone before is gone since now. */
  readonly isOver = (gone: Gone): boolean => this.endOf(gone) <= this.#nowMs;

  /** Returns whether an item can be deleted now: it is gone, and no subscriber reads it any more. */
  readonly isItemOver = (item: RecordedItem): boolean =>
    this.endOfItem(item) <= this.#nowMs && (this.#unlistedAfterMs === undefined || item.unlistedSince !== undefined);

  /** Returns whether a directory can be deleted that subscribers may have been reading. */
  readonly isSpareOver = ({ unlistedSince }: SpareDirectory): boolean =>
    unlistedSince !== undefined && this.#endOf(unlistedSince, this.#unlistedAfterMs ?? 0) <= this.#nowMs;

  /** Returns when an item can be deleted, in milliseconds since 1970. */
  endOfItem(item: RecordedItem): number {
    if (this.#unlistedAfterMs === undefined) return this.endOf(item);
    return Math.max(this.endOf(item), this.#endOf(item.unlistedSince, this.#unlistedAfterMs));
  }

  /** Returns when it can be deleted, in milliseconds since 1970. */
  endOf({ goneSince }: Gone): number {
    return this.#endOf(goneSince, this.#afterMs);
  }

  #endOf(since: string | undefined, afterMs: number): number {
    return (since === undefined ? this.#nowMs : Math.min(this.#nowMs, Date.parse(since))) + afterMs;
  }
}

/** Records since when items are gone, and that items are back. Writes only where that is news. */
export async function recordGone(mirror: Mirror, comparison: Comparison, now: Date): Promise<void> {
  const gone = new Set(comparison.gone.map(({ id }) => id));
  const { steps, excluded, templates, failed } = comparison;
  const seen = new Set([
    ...[...steps.map(({ item }) => item), ...excluded, ...templates].map(({ id }) => id),
    ...failed.map(({ itemId }) => itemId),
  ]);
  const since = (item: RecordedItem): string | undefined => {
    if (gone.has(item.id)) return item.goneSince ?? now.toISOString();
    return seen.has(item.id) ? undefined : item.goneSince;
  };
  const changed = [...mirror.record.items.values()].filter((item) => since(item) !== item.goneSince);
  if (changed.length === 0) return;
  await mirror.record.update((items) => {
    for (const item of changed) {
      const { goneSince: _before, ...rest } = item;
      items.set(item.id, { ...rest, ...defined({ goneSince: since(item) }) });
    }
  });
}
