import type { Comparison } from "../plan/plan.ts";
import type { MirrorStep } from "../plan/compare.ts";
import type { Mirror } from "../record/mirror.ts";
import type { LibraryName } from "../record/record-text.ts";
import type { MirrorAction } from "../report.ts";

/**
 * An item that is to be updated.
 *
 * @private Does not follow semantic versioning.
 */
export interface ItemToUpdate {
  readonly action: MirrorAction;
  readonly itemId: string;
  /** Its name on the server. */
  readonly item: string;
  /** What it takes on the server's storage, in bytes. */
  readonly sizeBytes: number;
  /** Id of an item that no longer exists, and that it takes the place of. */
  readonly replaces?: string;
}

/**
 * Takes items that a run would update.
 *
 * @private Does not follow semantic versioning.
 */
export interface HandOver {
  /**
   * Ids of items that were handed over before and may still be at work. The run leaves them alone. It must have been read before
   * the run begins: an item that is finished meanwhile counts as busy, because its record was read too early.
   */
  readonly busy: ReadonlySet<string>;
  /** Takes the items that are not in place. */
  readonly take: (library: LibraryName, items: readonly ItemToUpdate[]) => Promise<void>;
}

/** Leaves out of a comparison what others may be at. */
export function withoutBusy(comparison: Comparison, busy: ReadonlySet<string>): Comparison {
  const isFree = ({ item, before }: MirrorStep): boolean => !busy.has(item.id) && !busy.has(before?.id ?? item.id);
  return {
    ...comparison,
    steps: comparison.steps.filter(isFree),
    gone: comparison.gone.filter(({ id }) => !busy.has(id)),
    failed: comparison.failed.filter(({ itemId }) => !busy.has(itemId)),
  };
}

/** Hands items over, once the records of items count; returns how many. */
export async function handOverSteps(
  mirror: Mirror,
  library: LibraryName,
  steps: readonly MirrorStep[],
  { take }: HandOver,
): Promise<number> {
  await mirror.record.update(() => {});
  const items = steps.flatMap(({ action, item: { id: itemId, name: item, sizeBytes }, before }) => {
    if (action === "none") return [];
    const replaces = before !== undefined && before.id !== itemId ? { replaces: before.id } : {};
    return [{ action, itemId, item, sizeBytes, ...replaces }];
  });
  await take(library, items);
  return items.length;
}
