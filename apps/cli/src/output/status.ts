import { performance } from "node:perf_hooks";
import { formatCount } from "./format.ts";
import type { Screen } from "./screen.ts";

/** What takes less needs no status. */
const patienceMs = 400;

/** Shows a status at the bottom of a terminal, once the work has taken a while, until disposed. */
export function showStatus(screen: Screen, text: () => string | undefined): Disposable {
  const startedAt = performance.now();
  return screen.showBars(() => {
    const note = performance.now() - startedAt < patienceMs ? undefined : text();
    return note === undefined ? [] : [{ label: "Reading:", receivedBytes: 0, note }];
  });
}

/** Counts how many of how many objects were read. */
export class Count {
  readonly #noun: string;
  #seen = 0;
  #total: number | undefined;

  /** @param noun - Such as `item`. */
  constructor(noun: string) {
    this.#noun = noun;
  }

  /** Adds to the number that there are. More may be found later. */
  expect(total: number): void {
    this.#total = (this.#total ?? 0) + total;
  }

  /** Counts another one. */
  add(): void {
    this.#seen += 1;
  }

  /** Such as `1200 of 2000 items`; `undefined` before anything is known. */
  get text(): string | undefined {
    return this.#total === undefined ? undefined : `${this.#seen} of ${formatCount(this.#total, this.#noun)}`;
  }
}
