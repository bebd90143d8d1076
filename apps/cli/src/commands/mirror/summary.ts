import { formatCount } from "../../output/format.ts";
import type { EndedRun } from "../../output/run-summary.ts";

/** How a mirror run has ended. Sizes in bytes. */
export interface MirrorSummary {
  /** Items that are to be in place. */
  readonly items: number;
  readonly inPlace: number;
  readonly failed: number;
  /** Items on which work had begun when the run ended. */
  readonly interrupted: number;
  readonly notBegun: number;
  /** What is kept of files that are not complete. */
  readonly keptBytes: number;
}

/** Counts the items of a run by their events. */
export class MirrorTally {
  #items = 0;
  #inPlace = 0;
  readonly #begun = new Set<string>();
  readonly #failed = new Set<string>();

  /** Notes what is going to be done. */
  plan({ items, unchanged }: { readonly items: readonly unknown[]; readonly unchanged: number }): void {
    this.#items = items.length + unchanged;
    this.#inPlace = unchanged;
  }

  /** Work on an item begins. */
  begin(itemId: string): void {
    this.#begun.add(itemId);
  }

  /** An item is in place. */
  arrive(itemId: string): void {
    this.#begun.delete(itemId);
    this.#inPlace += 1;
  }

  /** An item could not be updated; perhaps it was not even planned, because it could not be read. */
  fail(itemId: string, isPlanned: boolean): void {
    this.#begun.delete(itemId);
    this.#failed.add(itemId);
    if (!isPlanned) this.#items += 1;
  }

  /** The numbers, for programs. */
  summary(outcome: EndedRun | undefined): MirrorSummary {
    const items = this.#items;
    const inPlace = this.#inPlace;
    const failed = this.#failed.size;
    const interrupted = this.#begun.size;
    const notBegun = Math.max(0, items - inPlace - failed - interrupted);
    return { items, inPlace, failed, interrupted, notBegun, keptBytes: outcome?.summary.keptBytes ?? 0 };
  }
}

/**
 * Says in a line what there is and what the same command will do; `undefined` where nothing is known.
 * @param isSummedUp - Whether the run came to its end, and the items were counted there.
 */
export function describeEnd(
  summary: MirrorSummary,
  outcome: EndedRun | undefined,
  { isSummedUp }: { readonly isSummedUp: boolean },
): string | undefined {
  const { items, inPlace, failed, interrupted, notBegun, keptBytes } = summary;
  const kept = outcome?.describeParts();
  if (isSummedUp) return kept === undefined ? undefined : `${kept} The same command resumes there.`;
  const were = (count: number): string => (count === 1 ? "was" : "were");
  const parts = [
    `${inPlace} of ${formatCount(items, "item")} ${items === 1 || inPlace === 1 ? "is" : "are"} in place`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(interrupted > 0 ? [`${interrupted} ${were(interrupted)} interrupted`] : []),
    ...(notBegun > 0 ? [`${notBegun} ${were(notBegun)} not begun`] : []),
  ];
  const missing = failed + interrupted + notBegun;
  // It was refused before anything was begun, and nothing is to be done.
  if (missing === 0) return undefined;
  const next = `The same command ${keptBytes > 0 ? "resumes there" : `updates ${missing === 1 ? "it" : `those ${missing}`}`}.`;
  const sentences = [`${parts.join(", ")}.`, kept, next];
  return sentences.filter((sentence) => sentence !== undefined).join(" ");
}
