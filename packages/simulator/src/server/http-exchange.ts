import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "@carrel/core";
import type { ExchangeRecord } from "../journal/journal.ts";
import type { Answer } from "./answer.ts";

/** One request with its answer, on the socket and in the journal. */
export class HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly record: ExchangeRecord;
  /** Aborted when the client goes away before the answer is complete. */
  readonly left: AbortSignal;
  readonly #clock: Clock;
  readonly #extraHeaders: Readonly<Record<string, string>>;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    record: ExchangeRecord,
    clock: Clock,
    extraHeaders: Readonly<Record<string, string>>,
  ) {
    this.request = request;
    this.response = response;
    this.record = record;
    this.#clock = clock;
    this.#extraHeaders = extraHeaders;
    const left = new AbortController();
    this.left = left.signal;
    response.once("close", () => {
      this.#end(response.writableFinished ? "answered" : "left");
      if (!response.writableFinished) left.abort(new Error("the client went away"));
    });
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

  /** Sends status and headers. */
  begin(status: number, headers: Answer["headers"]): void {
    const { response } = this;
    response.sendDate = false;
    // Clients size the life of sessions by this header, so it must go by the simulator's clock.
    response.setHeader("Date", new Date(this.#clock.wall()).toUTCString());
    for (const [name, value] of Object.entries({ ...this.#extraHeaders, ...headers })) {
      response.setHeader(name, typeof value === "string" ? value : [...value]);
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

  /** Finishes the answer and waits until it has left. */
  finishAndFlush(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.response.once("close", resolve);
    this.response.end(resolve);
    return promise;
  }

  /** Breaks the connection off. */
  cut(): void {
    this.#end("cut");
    this.response.socket?.resetAndDestroy();
  }

  #end(end: "answered" | "cut" | "left"): void {
    const { current } = this.record;
    if (current.end !== "open") return;
    this.record.update({ end, durationMs: this.#clock.now() - current.startedAtMs });
  }
}

/** Headers with one text for each, by lower-case name. */
export function headerTexts(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : String(value)]),
  );
}
