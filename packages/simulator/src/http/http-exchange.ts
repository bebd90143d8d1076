import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "@carrel/core";
import type { JournalEntry, OpenEntry } from "../journal/journal.ts";
import type { Answer } from "./answer.ts";

/** The connection that a request came on. */
export interface ClientConnection {
  /** Origin of the server, without a slash at the end. */
  readonly origin: string;
  /** Resets the TCP connection, below TLS. */
  reset(): void;
}

/** What an exchange consists of. */
export interface ExchangeParts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly connection: ClientConnection;
  readonly record: OpenEntry;
  readonly clock: Clock;
  /** Headers of every answer. */
  readonly extraHeaders: Readonly<Record<string, string>>;
}

/** One request with its answer, on the socket and in the journal. */
export class HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly record: OpenEntry;
  /** Aborts when the connection closes before the answer is complete. */
  readonly closed: AbortSignal;
  readonly #parts: ExchangeParts;

  constructor(parts: ExchangeParts) {
    const { request, response, record } = parts;
    this.#parts = parts;
    this.request = request;
    this.response = response;
    this.record = record;
    const closed = new AbortController();
    this.closed = closed.signal;
    response.once("close", () => {
      this.#end(response.writableFinished ? "answered" : "aborted");
      if (!response.writableFinished) closed.abort(new Error("the connection was closed"));
    });
  }

  /** Origin of the server that received the request. */
  get origin(): string {
    return this.#parts.connection.origin;
  }

  /** Whether status and headers have been sent. */
  get begun(): boolean {
    return this.response.headersSent;
  }

  /** Sends a whole answer. */
  answer(answer: Answer): void {
    const { status, headers, body } = answer;
    const bytes = body === undefined ? undefined : Buffer.from(body);
    this.begin(status, { ...headers, ...(status === 204 ? {} : { "Content-Length": String(bytes?.length ?? 0) }) });
    this.response.end(bytes);
    this.record.update({ sentBytes: bytes?.length ?? 0 });
  }

  /** Sends status and headers. A body that is delimited by the close has neither length nor chunks. */
  begin(status: number, headers: Answer["headers"], closeDelimited = false): void {
    const { response } = this;
    response.sendDate = false;
    // Clients compute the expiry of sessions from this header, so it must follow the simulator's clock.
    response.setHeader("Date", new Date(this.#parts.clock.wall()).toUTCString());
    for (const [name, value] of Object.entries({ ...this.#parts.extraHeaders, ...headers })) {
      response.setHeader(name, typeof value === "string" ? value : [...value]);
    }
    if (closeDelimited) {
      response.removeHeader("Content-Length");
      response.useChunkedEncodingByDefault = false;
      response.shouldKeepAlive = false;
    }
    response.writeHead(status);
    this.record.update({ status, responseHeaders: headerTexts(response.getHeaders()) });
  }

  countSent(bytes: number): void {
    this.record.update({ sentBytes: this.record.current.sentBytes + bytes });
  }

  finish(): void {
    this.response.end();
  }

  /** Finishes the answer and waits until it is sent. */
  finishAndFlush(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.response.once("close", resolve);
    this.response.end(resolve);
    return promise;
  }

  /** Resets the connection. */
  cut(): void {
    this.#end("cut");
    this.#parts.connection.reset();
  }

  /** Closes the connection without a reset, even in the middle of the answer. */
  close(): void {
    this.#end("cut");
    this.response.socket?.end();
  }

  #end(outcome: JournalEntry["outcome"]): void {
    const { current } = this.record;
    if (current.outcome !== "pending") return;
    this.record.update({ outcome, durationMs: this.#parts.clock.now() - current.startedAtMs });
  }
}

/** Returns one string for each header, by lower-case name. */
export function headerTexts(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(", ") : String(value),
    ]),
  );
}
