import type { CarrelError } from "@carrel/core";
import type { ConnectionPool } from "../tls/connection-pool.ts";
import type { Answer } from "./answer.ts";
import { backOffMs, retryAfterMs } from "./back-off.ts";
import { Break, exhausted, sortFailure } from "./break.ts";
import { publish } from "./channels.ts";
import type { Exchange } from "./exchange.ts";
import { Flow } from "./flow.ts";
import { Locator } from "./locate.ts";
import type { Place } from "./locate.ts";
import { Progress } from "./progress.ts";
import { request } from "./request.ts";
import { judgeAnswer, rangeHeaders } from "./resume-rules.ts";
import type { Verdict } from "./resume-rules.ts";
import type { TransferSettings } from "./settings.ts";
import type { TransferFacts } from "./transfer-facts.ts";
import type { TransferSource } from "./transfer-source.ts";
import { verdictError } from "./verdict-error.ts";
import { verifyDigest } from "./verify.ts";
import { sleep, untilAborted } from "./wait.ts";

/** What a transfer needs of the stream that it feeds. */
export interface Outlet {
  /** Tells it from others in diagnostics. */
  readonly id: number;
  /** Aborted when the stream is destroyed. */
  readonly signal: AbortSignal;
  /** Hands bytes over; false when that is enough for now. */
  deliver(chunk: Buffer): boolean;
}

/** Brings the bytes of one file over, in order and each once, in as many exchanges as it takes. */
export class Transfer {
  readonly progress: Progress;
  readonly #settings: TransferSettings;
  readonly #outlet: Outlet;
  readonly #locator: Locator;
  readonly #flow: Flow;
  #exchange: Exchange | undefined;
  #resumes = 0;

  constructor(source: TransferSource, settings: TransferSettings, pool: ConnectionPool, outlet: Outlet) {
    this.#settings = settings;
    this.#outlet = outlet;
    this.#locator = new Locator(source, pool, settings.label);
    this.#flow = new Flow(settings.rateLimit, () => this.#exchange?.resume());
    this.progress = new Progress(settings);
  }

  /** The consumer wants more. */
  want(): void {
    this.#flow.want(true);
  }

  /** Closes the socket at once. The signal of the outlet is aborted already. */
  stop(reason: Error): void {
    this.#flow.stop();
    this.#exchange?.abort(reason);
  }

  /** Runs to the end. Resolves when all bytes are delivered and checked. */
  async run(): Promise<TransferFacts> {
    const { progress } = this;
    await progress.readPrefix();
    let failures = 0;
    let cause: CarrelError | undefined;
    while (!progress.isComplete) {
      const before = progress.position;
      const broken = await this.#attempt(cause);
      if (broken === undefined) break;
      cause = broken.cause;
      failures = progress.position > before ? 1 : failures + 1;
      if (!progress.isComplete) await this.#pauseAfter(broken, failures);
    }
    return this.#verify();
  }

  async #attempt(cause: CarrelError | undefined): Promise<Break | undefined> {
    const { signal } = this.#outlet;
    const { label, stallTimeoutMs } = this.#settings;
    try {
      const asked = this.#locator.locate({ signal, fromByte: this.progress.position, cause });
      await this.#fetch(await untilAborted(asked, signal));
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      const sorted = sortFailure(error, label, stallTimeoutMs);
      if (!(sorted instanceof Break)) throw sorted;
      if (sorted.needsEndpoint) {
        if (!this.#locator.canAsk) throw sorted.cause;
        this.#locator.forget();
      }
      return sorted;
    } finally {
      this.#exchange?.close();
      this.#exchange = undefined;
    }
  }

  async #fetch(place: Place): Promise<void> {
    const onLost = (): void => {
      const cause = place.leaseSignal?.reason as CarrelError;
      this.#exchange?.abort(new Break(cause, { needsEndpoint: true }));
    };
    place.leaseSignal?.addEventListener("abort", onLost, { once: true });
    try {
      const { options, stallTimeoutMs, label } = this.#settings;
      const headers = rangeHeaders(this.progress.state);
      const { exchange, answer } = await request(place, headers, {
        session: options.session,
        stallTimeoutMs,
        label,
        signal: this.#outlet.signal,
        onExchange: (begun) => {
          this.#exchange = begun;
          if (place.leaseSignal?.aborted === true) onLost();
        },
      });
      await this.#receive(exchange, this.#judge(place, answer, "range" in headers));
    } finally {
      place.leaseSignal?.removeEventListener("abort", onLost);
    }
  }

  #judge(place: Place, answer: Answer, ranged: boolean): Verdict {
    const { status } = answer;
    const fromByte = this.progress.position;
    const { origin } = place.url;
    publish("carrel:transfer:answer", () => ({ transfer: this.#outlet.id, origin, status, fromByte, ranged }));
    const verdict = judgeAnswer(this.progress.state, answer, {
      ranged,
      fileName: this.#settings.fileName ?? place.url.pathname.replace(/.*\//, ""),
    });
    if (verdict.kind === "rangeless") this.progress.rangesWork = false;
    const error = verdictError(verdict, status, this.#settings.label);
    if (error === undefined) return verdict;
    if (verdict.kind === "refused") throw new Break(error, { needsEndpoint: true });
    if (verdict.kind === "later") throw new Break(error, { delayMs: retryAfterMs(answer.retryAfter, Date.now()) });
    if (verdict.kind === "rangeless") throw new Break(error, { delayMs: 0 });
    throw error;
  }

  async #receive(exchange: Exchange, verdict: Verdict): Promise<void> {
    const { progress } = this;
    if (verdict.kind !== "body") {
      progress.totalBytes = progress.position;
      return;
    }
    await progress.begin(verdict);
    await exchange.body((chunk) => {
      const fresh = progress.take(chunk);
      this.#flow.count(chunk.length);
      if (fresh !== undefined) this.#flow.want(this.#outlet.deliver(fresh));
      return this.#flow.isOpen;
    }, this.#flow.isOpen);
    progress.end();
  }

  async #pauseAfter(broken: Break, failures: number): Promise<void> {
    const { cause } = broken;
    const { resumeLimit, resumeDelayMs, options } = this.#settings;
    const fromByte = this.progress.position;
    if (failures > resumeLimit) throw exhausted(broken, failures - 1, fromByte);
    this.#resumes += 1;
    const delayMs = broken.delayMs ?? backOffMs(failures, resumeDelayMs, Math.random());
    publish("carrel:transfer:resume", () => {
      return { transfer: this.#outlet.id, fromByte, failures, delayMs, cause: cause.toJSON() };
    });
    options.onResume?.({ fromByte, cause, failures, delayMs });
    await sleep(delayMs, this.#outlet.signal);
  }

  async #verify(): Promise<TransferFacts> {
    const { progress } = this;
    const { expect, onVerified } = this.#settings.options;
    const compared = verifyDigest(progress.digest, expect?.checksum, this.#settings.label);
    const checksum = await untilAborted(compared, this.#outlet.signal);
    const facts: TransferFacts = {
      sizeBytes: progress.position,
      verifiedBy: checksum === undefined ? (progress.lengthIsKnown ? "length" : "nothing") : "checksum",
      checksum,
      digests: progress.digestIsWhole ? progress.digest.digests() : {},
      fetchedBytes: progress.fetchedBytes,
      resumes: this.#resumes,
      validator: progress.validator,
    };
    publish("carrel:transfer:verified", () => ({ transfer: this.#outlet.id, ...facts }));
    onVerified?.(facts);
    return facts;
  }
}
