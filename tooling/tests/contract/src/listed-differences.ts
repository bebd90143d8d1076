import type { Differences } from "./difference.ts";
import { vcsimDifferences } from "./vcsim-differences.ts";

/** What the table lists for one exchange. */
export function listedFor(exchange: string): Differences {
  const entries = vcsimDifferences.flatMap(({ answers }) => Object.entries(answers[exchange] ?? {}));
  if (new Set(entries.map(([place]) => place)).size < entries.length) {
    throw new Error(`Two differences are listed for the same place of "${exchange}".`);
  }
  return Object.fromEntries(entries);
}
