import type { Mutation, ProxiedAnswer } from "./mutating-proxy.ts";

const values: readonly unknown[] = [
  null,
  0,
  -1,
  7.5,
  1e300,
  true,
  "",
  "x",
  "\u001B[2J\ncarrel: FORGED\u202E",
  "y".repeat(3000),
  [],
  [null],
  [[]],
  {},
  { a: 1 },
];
// None that is worth a repetition, which takes time.
const statuses = [200, 204, 400, 401, 403, 404, 418, 500];

/** Spoils some of a server's answers, the same ones for the same seed. */
export class OddAnswers {
  /** What became of which answer. */
  readonly log: string[] = [];
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** One of the values. */
  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#next() * from.length)] as T;
  }

  /** For a mutating proxy. */
  readonly mutate = ({ method, path, body }: ProxiedAnswer): Mutation => {
    if (this.#next() > 0.2) return {};
    const mutation = this.#spoil(body);
    this.log.push(`${method} ${path}: ${JSON.stringify(mutation).slice(0, 300)}`);
    return mutation;
  };

  #spoil(body: string): Mutation {
    const kinds: readonly (() => Mutation)[] = [
      () => ({ body: "\u001B[2J\ncarrel: FORGED" }),
      () => ({ body: "<!DOCTYPE html><title>Sign in</title>" }),
      () => ({ body: "" }),
      () => ({ body: body.slice(0, Math.floor(body.length / 2)) }),
      () => ({ status: this.pick(statuses) }),
    ];
    return this.#next() < 0.25 ? this.pick(kinds)() : this.#spoilMember(body);
  }

  #spoilMember(body: string): Mutation {
    try {
      return { body: JSON.stringify(this.#spoilWithin(JSON.parse(body))) };
    } catch {
      return {};
    }
  }

  #spoilWithin(value: unknown): unknown {
    if (typeof value !== "object" || value === null || this.#next() < 0.15) return this.pick(values);
    const entries = Object.entries(value);
    if (entries.length === 0) return this.pick(values);
    const [name, member] = this.pick(entries);
    const isDropped = this.#next() < 0.2;
    const changed = this.#spoilWithin(member);
    if (Array.isArray(value)) return value.map((each: unknown, index) => (String(index) === name ? changed : each));
    const others = entries.filter(([key]) => key !== name || !isDropped);
    return Object.fromEntries(others.map(([key, each]) => [key, key === name ? changed : each]));
  }

  /** A number from 0 to 1 (mulberry32). */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
