import type { WireStyle } from "@carrel/core";
import { defined, redact } from "@carrel/core/kit";

/**
 * One request with its answer, as sent on the wire, without secrets: session ids, passwords and tokens of transfer URLs are
 * replaced by `[redacted]`. Frozen: until the exchange is over, the journal replaces the entry, and never changes it.
 */
export interface JournalEntry {
  /** Counts from 1. */
  readonly sequence: number;
  /** `operation`: one of the specification; `transfer`, `upload`: bytes of a file; `other`: an unknown URL. */
  readonly kind: "operation" | "transfer" | "upload" | "other";
  /** Which server received the request: the vCenter, or the second one for transfers. */
  readonly server: "vcenter" | "transfer";
  /** The `operationId`, such as `downloadSession.keepAlive`. */
  readonly operation?: string;
  readonly style?: WireStyle;
  readonly method: string;
  /** The request target: path and query. */
  readonly target: string;
  /** By lower-case name. */
  readonly requestHeaders: Readonly<Record<string, string>>;
  /** Body of the request to an operation, as text. */
  readonly requestBody?: string;
  /** Name of the file, for transfers and uploads. */
  readonly file?: string;
  /** Absent where no answer was started. */
  readonly status?: number;
  /** By lower-case name. */
  readonly responseHeaders?: Readonly<Record<string, string>>;
  /** Body of the answer of an operation, as text. */
  readonly responseBody?: string;
  /** Bytes of the answer's body that were written to the socket. */
  readonly sentBytes: number;
  /** Bytes of the request's body that were received, for uploads. */
  readonly receivedBytes?: number;
  /** When the request arrived, by `now()` of the simulator's clock. */
  readonly startedAtMs: number;
  /** Absent while the exchange is pending. */
  readonly durationMs?: number;
  /** Kinds of the faults that took effect, in order. */
  readonly faults: readonly string[];
  /**
   * `pending`: not yet over; `answered`: the whole answer was sent; `cut`: the simulator closed the connection early;
   * `aborted`: the client closed it first.
   */
  readonly outcome: "pending" | "answered" | "cut" | "aborted";
}

/** What is known about an exchange when its request arrives. */
export type EntryStart = Pick<JournalEntry, "server" | "method" | "target" | "requestHeaders" | "startedAtMs">;

/** An entry that is being written. Redacts everything. */
export interface OpenEntry {
  readonly current: JournalEntry;
  update(change: Partial<JournalEntry>): void;
}

const secretHeaders: ReadonlySet<string> = new Set([
  "authorization",
  "cookie",
  "set-cookie",
  "vmware-api-session-id",
  "proxy-authorization",
]);

/** Records every exchange, in the order in which the requests arrived. */
export class Journal {
  readonly #entries: JournalEntry[] = [];
  readonly #limit: number;
  #dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get entries(): readonly JournalEntry[] {
    return [...this.#entries];
  }

  begin(start: EntryStart): OpenEntry {
    if (this.#entries.length >= this.#limit) {
      this.#entries.shift();
      this.#dropped += 1;
    }
    const index = this.#entries.length + this.#dropped;
    let current: JournalEntry = Object.freeze({
      ...start,
      sequence: index + 1,
      kind: "other",
      target: redact(start.target),
      requestHeaders: redactHeaders(start.requestHeaders),
      sentBytes: 0,
      faults: [],
      outcome: "pending",
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

function redactChange(change: Partial<JournalEntry>): Partial<JournalEntry> {
  const { requestBody, responseBody, responseHeaders } = change;
  return {
    ...change,
    ...defined({
      requestBody: requestBody === undefined ? undefined : redact(requestBody),
      responseBody: responseBody === undefined ? undefined : redact(responseBody),
      responseHeaders: responseHeaders && redactHeaders(responseHeaders),
    }),
  };
}

function redactHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, secretHeaders.has(name) ? hide(name, value) : redact(value)]),
  );
}

function hide(name: string, value: string): string {
  const scheme = name.endsWith("authorization") ? /^\S+(?=\s)/u.exec(value)?.[0] : undefined;
  return scheme ? `${scheme} [redacted]` : "[redacted]";
}
