import { defined } from "@carrel/core/kit";
import type { Mirror } from "./mirror.ts";
import type { Comparison } from "./plan.ts";
import type { RecordedFile, RecordedItem } from "./record-text.ts";

/** Something that no longer exists on the server, and since when. */
type Gone = Pick<RecordedItem | RecordedFile, "goneSince">;

/** Decides what has been gone for long enough to be deleted. */
export class Grace {
  readonly #afterMs: number;
  readonly #nowMs: number;

  /** @param afterMs - How long something must have been gone. */
  constructor(afterMs: number, nowMs: number) {
    this.#afterMs = afterMs;
    this.#nowMs = nowMs;
  }

  /** Returns whether it can be deleted now. What was not recorded as gone before is gone since now. */
  readonly isOver = (gone: Gone): boolean => this.endOf(gone) <= this.#nowMs;

  /** Returns when it can be deleted, in milliseconds since 1970. */
  endOf({ goneSince }: Gone): number {
    const since = goneSince === undefined ? this.#nowMs : Math.min(this.#nowMs, Date.parse(goneSince));
    return since + this.#afterMs;
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
