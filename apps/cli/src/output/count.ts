import { formatCount } from "./format.ts";

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
