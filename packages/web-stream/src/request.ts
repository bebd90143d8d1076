import { TransferError } from "@carrel/core";
import { abortable, LinkedAbort } from "@carrel/core/kit";
import {
  Interruption,
  isOutage,
  lossOf,
  originsOf,
  rangeHeaders,
  readHead,
  Silence,
  Watchdog,
} from "@carrel/core/transfer";
import type { ResponseHead, TransferState } from "@carrel/core/transfer";
import type { TransferRoute } from "./route.ts";
import type { TransferSettings } from "./transfer-options.ts";

/** The connection could not be made, or broke. */
class BrokenConnection extends Error {
  override readonly cause: unknown;

  constructor(cause: unknown) {
    super("The connection broke");
    this.cause = cause;
  }
}

/** One GET: its head, and then its body, which is fetched no faster than it is read. */
export class TransferRequest {
  /** Whether a range was requested. */
  readonly ranged: boolean;
  readonly #route: TransferRoute;
  readonly #settings: TransferSettings;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #life: LinkedAbort;
  readonly #watchdog: Watchdog;
  readonly #onLost: () => void;
  #body: ReadableStream<Uint8Array> | null = null;

  constructor(route: TransferRoute, state: TransferState, settings: TransferSettings, signal: AbortSignal) {
    const { authorization, leaseSignal } = route;
    const range = rangeHeaders(state);
    // A browser requests identity, instead of encodings that it would decode unasked, only together with a range.
    const isFirst = state.position === 0 && state.rangesWork && !("range" in range);
    this.#headers = {
      ...(isFirst ? { range: "bytes=0-" } : range),
      ...(authorization !== undefined && { authorization }),
    };
    this.ranged = "range" in this.#headers;
    this.#route = route;
    this.#settings = settings;
    this.#life = new LinkedAbort(signal);
    this.#watchdog = new Watchdog(settings.stallTimeoutMs, () => this.#life.abort(new Silence()));
    this.#onLost = () => {
      this.#life.abort(new Interruption(lossOf(leaseSignal?.reason, settings.label), { needsEndpoint: true }));
    };
    leaseSignal?.addEventListener("abort", this.#onLost, { once: true });
    if (leaseSignal?.aborted === true) this.#onLost();
  }

  /** Sends the request and waits for the head. */
  async head(): Promise<ResponseHead> {
    const { url, authorization } = this.#route;
    const response = await this.#watched(() =>
      this.#settings.fetch(url.origin + url.target, {
        method: "GET",
        headers: this.#headers,
        signal: this.#life.signal,
        cache: "no-store",
        // The header must not be sent anywhere else.
        redirect: authorization === undefined ? "follow" : "error",
      }),
    );
    this.#checkOrigin(response);
    this.#body = response.body;
    return readHead(response.status, Object.fromEntries(response.headers));
  }

  /** Yields the body; ends at its proper end, throws where it breaks off. */
  async *body(): AsyncGenerator<Uint8Array, void, void> {
    if (this.#body === null) return;
    const reader = this.#body.getReader();
    for (;;) {
      const { done, value } = await this.#watched(() => reader.read());
      if (done) return;
      yield value;
    }
  }

  /** Closes the connection, unless the body was read to its end. */
  close(): void {
    this.#watchdog.stop();
    this.#route.leaseSignal?.removeEventListener("abort", this.#onLost);
    this.#life.abort(new DOMException("The rest of the response is not needed", "AbortError"));
    this.#life.unlink();
  }

  /** Waits for the server. */
  async #watched<T>(work: () => Promise<T>): Promise<T> {
    const { signal } = this.#life;
    this.#watchdog.heard();
    try {
      return await abortable(work(), signal);
    } catch (error) {
      throw signal.aborted ? signal.reason : new BrokenConnection(error);
    } finally {
      this.#watchdog.pause();
    }
  }

  #checkOrigin({ redirected, url, status }: Response): void {
    const { origin } = this.#route.url;
    const to = redirected ? URL.parse(url)?.origin : origin;
    if (to === undefined || to === origin) return;
    throw new TransferError(
      `The server at ${origin} redirects the request for ${this.#settings.label} to another origin (${to})`,
      { problem: "refused", retryable: false, status, ...originsOf(this.#route) },
    );
  }
}

/** Turns what an attempt failed with into an interruption, or into the error to fail with. */
export function sortFailure(error: unknown, settings: TransferSettings, route: TransferRoute | undefined): unknown {
  const { label, retryForMs, stallTimeoutMs } = settings;
  const origins = originsOf(route);
  // The source of endpoints makes calls, which fail as well while the server is down.
  if (retryForMs !== undefined && isOutage(error)) return new Interruption(error);
  if (error instanceof Silence) {
    const message = `The server sent no data of ${label} for ${stallTimeoutMs} ms`;
    return new Interruption(new TransferError(message, { problem: "stalled", cause: error, ...origins }));
  }
  if (!(error instanceof BrokenConnection)) return error;
  const { cause } = error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `The connection for ${label} failed: ${reason}`;
  return new Interruption(new TransferError(message, { problem: "broken", cause, ...origins }));
}
