import { performance } from "node:perf_hooks";
import { formatCount } from "./format.ts";
import type { Screen } from "./screen.ts";

/** What is done by then needs no word. */
const patienceMs = 400;

/** Shows at the bottom of a terminal how far something is, if it takes a while, until disposed. */
export function showStatus(screen: Screen, text: () => string | undefined): Disposable {
  const startedAt = performance.now();
  return screen.showBars(() => {
    const note = performance.now() - startedAt < patienceMs ? undefined : text();
    return note === undefined ? [] : [{ label: "Looking:", receivedBytes: 0, note }];
  });
}

/** How many of how many things were looked at. */
export class Count {
  readonly #noun: string;
  #seen = 0;
  #total: number | undefined;

  /** @param noun - Such as `item`. */
  constructor(noun: string) {
    this.#noun = noun;
  }

  /** It is known how many there are. More may turn up later. */
  expect(total: number): void {
    this.#total = (this.#total ?? 0) + total;
  }

  /** Another one was looked at. */
  add(): void {
    this.#seen += 1;
  }

  /** Such as `1200 of 2000 items`; `undefined` before anything is known. */
  get text(): string | undefined {
    return this.#total === undefined ? undefined : `${this.#seen} of ${formatCount(this.#total, this.#noun)}`;
  }
}
