import type { Differences } from "./difference.ts";
import { vcsimDifferences } from "./vcsim-differences.ts";

/** One way in which vcsim does not do what the contract says. */
export interface VcsimDifference {
  readonly reason: string;
  /** What its answers have instead, by exchange and place. */
  readonly answers: Readonly<Record<string, Differences>>;
}

/** What the table lists for one exchange. */
export function listedFor(exchange: string): Differences {
  const entries = vcsimDifferences.flatMap(({ answers }) => Object.entries(answers[exchange] ?? {}));
  if (new Set(entries.map(([place]) => place)).size < entries.length) {
    throw new Error(`Two differences are listed for the same place of "${exchange}".`);
  }
  return Object.fromEntries(entries);
}
