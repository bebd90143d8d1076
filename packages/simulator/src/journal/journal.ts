import { redact } from "@carrel/core/internal";
import type { Exchange } from "./exchange.ts";

/** What is known of an exchange when its request has come. */
export type ExchangeStart = Pick<Exchange, "origin" | "method" | "target" | "requestHeaders" | "startedAtMs">;

/** Writes one exchange. Everything that passes through here is redacted. */
export interface ExchangeRecord {
  readonly current: Exchange;
  update(change: Partial<Exchange>): void;
}

const secretHeaders: ReadonlySet<string> = new Set([
  "authorization",
  "cookie",
  "set-cookie",
  "vmware-api-session-id",
  "proxy-authorization",
]);

/** Every exchange, in the order in which the requests came. */
export class Journal {
  readonly #entries: Exchange[] = [];
  readonly #limit: number;
  #dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get entries(): readonly Exchange[] {
    return [...this.#entries];
  }

  begin(start: ExchangeStart): ExchangeRecord {
    if (this.#entries.length >= this.#limit) {
      this.#entries.shift();
      this.#dropped += 1;
    }
    const index = this.#entries.length + this.#dropped;
    let current: Exchange = Object.freeze({
      ...start,
      sequence: index + 1,
      kind: "other",
      target: redact(start.target),
      requestHeaders: redactHeaders(start.requestHeaders),
      sentBytes: 0,
      faults: [],
      end: "open",
    });
    this.#entries.push(current);
    return {
      get current() {
        return current;
      },
      update: (change) => {
        current = Object.freeze({ ...current, ...redactChange(change) });
        const at = index - this.#dropped;
        if (at >= 0) this.#entries[at] = current;
      },
    };
  }
}

function redactChange(change: Partial<Exchange>): Partial<Exchange> {
  const { requestBody, responseBody, responseHeaders } = change;
  return {
    ...change,
    ...(requestBody === undefined ? {} : { requestBody: redact(requestBody) }),
    ...(responseBody === undefined ? {} : { responseBody: redact(responseBody) }),
    ...(responseHeaders === undefined ? {} : { responseHeaders: redactHeaders(responseHeaders) }),
  };
}

function redactHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, secretHeaders.has(name) ? hide(name, value) : redact(value)]),
  );
}

function hide(name: string, value: string): string {
  const scheme = name.endsWith("authorization") ? /^\S+(?=\s)/.exec(value)?.[0] : undefined;
  return scheme ? `${scheme} [redacted]` : "[redacted]";
}
