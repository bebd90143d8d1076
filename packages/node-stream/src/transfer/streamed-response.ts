import type { Dispatcher } from "undici";
import { readHead, Silence, Watchdog } from "@carrel/core/transfer";
import type { ResponseHead } from "@carrel/core/transfer";

/** Takes bytes as they arrive; returns false to pause. */
export type TakeBytes = (chunk: Buffer) => boolean;

/** What a GET requests. */
export interface GetRequest {
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How long the server may send nothing while it is read from, in milliseconds. */
  readonly stallTimeoutMs: number;
}

/** The response to one GET: first its head, then its body under back-pressure. */
export class StreamedResponse {
  /** The head. The body waits until {@link read} is called. */
  readonly head: Promise<ResponseHead>;
  readonly #head = Promise.withResolvers<ResponseHead>();
  readonly #end = Promise.withResolvers<undefined>();
  readonly #watchdog: Watchdog;
  #controller: Dispatcher.DispatchController | undefined;
  #take: TakeBytes | undefined;
  /** Bytes that arrived while paused: undici hands out what it holds when the server closes the connection. */
  readonly #early: Buffer[] = [];
  #aborted: Error | undefined;
  #isEnded = false;

  /** Sends the request. */
  constructor(dispatcher: Dispatcher, request: GetRequest) {
    this.head = this.#head.promise;
    this.#head.promise.catch(() => {});
    this.#end.promise.catch(() => {});
    this.#watchdog = new Watchdog(request.stallTimeoutMs, () => this.abort(new Silence()));
    this.#watchdog.heard();
    try {
      this.#dispatch(dispatcher, request);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #dispatch(dispatcher: Dispatcher, { origin, path, headers }: GetRequest): void {
    dispatcher.dispatch(
      { origin, path, method: "GET", headers: { ...headers }, headersTimeout: 0, bodyTimeout: 0 },
      {
        onRequestStart: (controller) => {
          this.#controller = controller;
          if (this.#aborted !== undefined) controller.abort(this.#aborted);
        },
        onResponseStart: (controller, status, head) => {
          if (status < 200) return;
          this.#pause(controller);
          this.#head.resolve(readHead(status, head));
        },
        onResponseData: (controller, chunk) => {
          this.#watchdog.heard();
          if (this.#take === undefined) this.#early.push(chunk);
          if (this.#take?.(chunk) !== true) this.#pause(controller);
        },
        onResponseEnd: () => {
          this.#watchdog.stop();
          this.#isEnded = true;
          // undici can reuse the connection one turn of the event loop later: a request before that opens another one.
          queueMicrotask(() => setImmediate(() => this.#end.resolve(undefined)));
        },
        onResponseError: (_controller, error) => this.#fail(this.#aborted ?? error),
      },
    );
  }

  /** Reads the body; resolves at its proper end, rejects where it breaks off. */
  read(take: TakeBytes, isFlowing: boolean): Promise<undefined> {
    this.#take = take;
    let isWanted = isFlowing;
    for (const chunk of this.#early.splice(0)) isWanted = take(chunk);
    if (isWanted) this.resume();
    return this.#end.promise;
  }

  resume(): void {
    if (this.#take === undefined || this.#aborted !== undefined) return;
    this.#watchdog.heard();
    this.#controller?.resume();
  }

  /** Closes the socket at once. */
  abort(reason: Error): void {
    if (this.#isEnded) return;
    this.#aborted ??= reason;
    this.#controller?.abort(reason);
    this.#fail(this.#aborted);
  }

  /** Releases the connection; closes its socket unless the body was read to its end. */
  close(): void {
    if (!this.#isEnded) this.abort(new Error("The rest of the response is not needed"));
  }

  #pause(controller: Dispatcher.DispatchController): void {
    this.#watchdog.pause();
    controller.pause();
  }

  #fail(error: Error): void {
    this.#isEnded = true;
    this.#watchdog.stop();
    this.#head.reject(error);
    this.#end.reject(error);
  }
}
