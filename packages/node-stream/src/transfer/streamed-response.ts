import type { Dispatcher } from "undici";
import { readAnswer } from "./response-head.ts";
import type { Answer } from "./response-head.ts";

/** Takes bytes as they come; false asks for a pause. */
export type ByteSink = (chunk: Buffer) => boolean;

/** What is asked for. */
interface Place {
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
}

/** The server was silent for too long while we were reading. */
export class Silence extends Error {}

/** One GET: first its head, then its body under back-pressure. Ends with one of `answer` or `body` settled. */
export class Exchange {
  /** The head of the answer. The body waits until {@link body} is called. */
  readonly answer: Promise<Answer>;
  readonly #head = Promise.withResolvers<Answer>();
  readonly #end = Promise.withResolvers<undefined>();
  readonly #watchdog: Watchdog;
  #controller: Dispatcher.DispatchController | undefined;
  #sink: ByteSink | undefined;
  /** Bytes that came although we did not read: undici hands out what it holds when the server closes the connection. */
  readonly #early: Buffer[] = [];
  #aborted: Error | undefined;
  #isEnded = false;

  constructor(dispatcher: Dispatcher, place: Place, headers: Record<string, string>, stallTimeoutMs: number) {
    this.answer = this.#head.promise;
    this.#head.promise.catch(() => {});
    this.#end.promise.catch(() => {});
    this.#watchdog = new Watchdog(stallTimeoutMs, () => this.abort(new Silence()));
    this.#watchdog.heard();
    try {
      this.#dispatch(dispatcher, place, headers);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #dispatch(dispatcher: Dispatcher, place: Place, headers: Record<string, string>): void {
    dispatcher.dispatch(
      {
        ...place,
        method: "GET",
        headers,
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      {
        onRequestStart: (controller) => {
          this.#controller = controller;
          if (this.#aborted !== undefined) controller.abort(this.#aborted);
        },
        onResponseStart: (controller, status, head) => {
          if (status < 200) return;
          controller.pause();
          this.#watchdog.pause();
          this.#head.resolve(readAnswer(status, head));
        },
        onResponseData: (controller, chunk) => {
          this.#watchdog.heard();
          if (this.#sink === undefined) this.#early.push(chunk);
          if (this.#sink?.(chunk) !== true) this.#pause(controller);
        },
        onResponseEnd: () => {
          this.#watchdog.stop();
          this.#isEnded = true;
          // undici can use the connection again one turn of the event loop later: who asks earlier opens another one.
          queueMicrotask(() => setImmediate(() => this.#end.resolve(undefined)));
        },
        onResponseError: (_controller, error) => this.#fail(this.#aborted ?? error),
      },
    );
  }

  /** Reads the body; resolves at its proper end, rejects where it breaks. */
  body(sink: ByteSink, flowing: boolean): Promise<undefined> {
    this.#sink = sink;
    let isWanted = flowing;
    for (const chunk of this.#early.splice(0)) isWanted = sink(chunk);
    if (isWanted) this.resume();
    return this.#end.promise;
  }

  resume(): void {
    if (this.#sink === undefined || this.#aborted !== undefined) return;
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

  /** Lets go of it; closes the socket unless the body came to its end. */
  close(): void {
    if (!this.#isEnded) this.abort(new Error("The rest of the answer is not wanted."));
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

const ticks = 8;

/**
 * Calls back when a server that we are reading from was silent for the limit, to within an eighth of it. Silence is
 * counted in ticks of the event loop's timers: a process that was busy or asleep has ticked once at most meanwhile, so a
 * slow consumer, a blocked loop or a suspended machine is never taken for a silent server.
 */
export class Watchdog {
  readonly #timer: NodeJS.Timeout;
  #silentTicks = 0;
  #watching = false;

  constructor(limitMs: number, onSilence: () => void) {
    this.#timer = setInterval(() => {
      if (!this.#watching) return;
      this.#silentTicks += 1;
      if (this.#silentTicks <= ticks) return;
      this.stop();
      onSilence();
    }, limitMs / ticks);
    this.#timer.unref();
  }

  /** The server was heard, or we begin to listen. */
  heard(): void {
    this.#silentTicks = 0;
    this.#watching = true;
  }

  /** We do not read now, so silence says nothing. */
  pause(): void {
    this.#watching = false;
  }

  stop(): void {
    this.#watching = false;
    clearInterval(this.#timer);
  }
}
