import type { Case, Sample } from "./bench.ts";
import { spread } from "./statistics.ts";

/** The samples of each way, round by round, and the ways that could not run. */
export interface CaseResult {
  readonly name: string;
  readonly base: string;
  readonly ways: readonly { readonly name: string; readonly samples: readonly Sample[] }[];
  readonly missing: readonly { readonly name: string; readonly why: string }[];
  readonly aims: Case["aims"];
}

const knownSpread = 0.03;

/**
 * Runs the ways in turn (A B A B ...), so that what else the machine does falls on all of them alike, until the spread of
 * each is small or the rounds are used up. A first round warms caches and is not counted, unless there is one round only.
 */
export async function takeTurns(work: Case, isQuick: boolean, report: (line: string) => void): Promise<CaseResult> {
  const ways = work.ways.filter(({ missing }) => missing === undefined);
  const most = isQuick ? 1 : (work.rounds ?? 11);
  const least = Math.min(most, 5);
  const samples = new Map<string, Sample[]>(ways.map(({ name }) => [name, []]));
  for (let round = most === 1 ? 1 : 0; round <= most; round += 1) {
    for (const { name, run } of ways) {
      const sample = await run();
      report(`${work.name}, round ${round} of ${most}: ${name} ${(sample.ms / 1000).toFixed(2)} s`);
      if (round > 0) samples.get(name)?.push(sample);
    }
    const spreads = [...samples.values()].map((each) => spread(each.map(({ ms }) => ms)));
    if (round >= least && Math.max(...spreads) <= knownSpread) break;
  }
  return {
    name: work.name,
    base: work.base,
    ways: ways.map(({ name }) => ({ name, samples: samples.get(name) ?? [] })),
    missing: work.ways.flatMap(({ name, missing: why }) => (why === undefined ? [] : [{ name, why }])),
    aims: work.aims,
  };
}
