import type { CarrelError } from "@carrel/core";
import { abortable, sleep } from "@carrel/core/kit";
import {
  compareDelivered,
  encodingOf,
  exhausted,
  factsOf,
  Interruption,
  judgeResponse,
  lastPart,
  Patience,
  plainText,
  Progress,
  refusalOf,
  StubbornInterruptions,
  tracesOf,
} from "@carrel/core/transfer";
import type {
  GoodVerdict,
  ProofResult,
  ResponseHead,
  TransferFacts,
  TransferHead,
  TransferSource,
  TransferState,
} from "@carrel/core/transfer";
import { sortFailure, TransferRequest } from "./request.ts";
import { RouteFinder } from "./route.ts";
import type { TransferRoute } from "./route.ts";
import type { TransferSettings } from "./transfer-options.ts";

/** What follows a transfer. */
export interface TransferOutlet {
  /** Aborted when the stream is cancelled or fails. */
  readonly signal: AbortSignal;
  /** Takes what a response states about the file, once for each response. */
  readonly opened: (head: TransferHead) => void;
}

/** Transfers the bytes of one file, in order and each once, in as many attempts as it takes. */
export class Transfer {
  readonly progress: Progress;
  readonly #settings: TransferSettings;
  readonly #outlet: TransferOutlet;
  readonly #routes: RouteFinder;
  readonly #patience: Patience;
  readonly #stubborn = new StubbornInterruptions();
  #resumes = 0;
  /**
   * The last bytes of a whole file, held back until they are verified: a consumer that counts (an HTTP message with a
   * `Content-Length`) is complete with the last byte, whatever the stream reports after it.
   */
  #heldBack: Uint8Array | undefined;

  constructor(source: TransferSource, settings: TransferSettings, outlet: TransferOutlet) {
    this.progress = new Progress(settings);
    this.#settings = settings;
    this.#outlet = outlet;
    this.#routes = new RouteFinder(source, settings);
    this.#patience = new Patience(settings);
  }

  /** Yields the bytes. Returns when all are delivered and verified. */
  async *bytes(): AsyncGenerator<Uint8Array, TransferFacts, void> {
    const { progress } = this;
    let cause: CarrelError | undefined;
    for (let verification: ProofResult | undefined; ;) {
      const before = progress.position;
      let interruption: Interruption | undefined;
      if (!progress.isComplete) interruption = yield* this.#attempt(cause);
      if (progress.isComplete) {
        const outcome = await compareDelivered(progress, this.#settings, this.#outlet.signal);
        yield* this.#releaseHeldBack();
        if ("expectedBytes" in outcome) interruption = progress.expectMore(outcome.expectedBytes);
        else verification = outcome;
      }
      if (verification !== undefined) return this.#report(verification);
      cause = interruption?.cause;
      if (interruption === undefined || progress.position > before) this.#patience.reset();
      if (interruption !== undefined) await this.#pause(interruption);
    }
  }

  #report(verification: ProofResult): TransferFacts {
    const facts = factsOf(this.progress, verification, { resumes: this.#resumes, origin: this.#routes.origin });
    this.#settings.onVerified?.(facts);
    return facts;
  }

  *#deliver(chunk: Uint8Array): Generator<Uint8Array, void, void> {
    yield* this.#releaseHeldBack();
    const { isWhole, position } = this.progress;
    if (isWhole || position === this.#settings.proof.likelyBytes) this.#heldBack = chunk;
    else yield chunk;
  }

  *#releaseHeldBack(): Generator<Uint8Array, void, void> {
    const chunk = this.#heldBack;
    this.#heldBack = undefined;
    if (chunk !== undefined) yield chunk;
  }

  /** Makes one attempt. Returns the interruption where another one may overcome it; throws what none can. */
  async *#attempt(cause: CarrelError | undefined): AsyncGenerator<Uint8Array, Interruption | undefined, void> {
    const { signal } = this.#outlet;
    const { state } = this.progress;
    let route: TransferRoute | undefined;
    try {
      route = await abortable(this.#routes.routeTo({ signal, fromByte: state.position, cause }), signal);
      yield* this.#receive(route, state);
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      const sorted = sortFailure(error, this.#settings, route);
      if (!(sorted instanceof Interruption)) throw sorted;
      if (sorted.needsEndpoint) {
        if (!this.#routes.canRenew) throw sorted.cause;
        this.#routes.drop();
      }
      return sorted;
    }
  }

  async *#receive(route: TransferRoute, state: TransferState): AsyncGenerator<Uint8Array, void, void> {
    const { progress } = this;
    const request = new TransferRequest(route, state, this.#settings, this.#outlet.signal);
    try {
      const head = await request.head();
      const verdict = this.#judge(head, { route, state, ranged: request.ranged });
      await progress.begin(verdict);
      const { totalBytes, validator } = progress;
      const acceptsRanges = (verdict.kind === "body" && verdict.isPart) || /\bbytes\b/iu.test(head.acceptRanges ?? "");
      this.#outlet.opened({ totalBytes, validator, acceptsRanges, origin: route.url.origin });
      if (verdict.kind === "complete") return;
      for await (const chunk of request.body()) {
        const fresh = progress.take(chunk);
        if (fresh !== undefined) yield* this.#deliver(fresh);
        // The body contains more than is to be delivered: its rest is not read.
        if (progress.hasEnough) return;
      }
      progress.end();
    } finally {
      request.close();
    }
  }

  #judge(
    stated: ResponseHead,
    {
      route,
      state,
      ranged,
    }: { readonly route: TransferRoute; readonly state: TransferState; readonly ranged: boolean },
  ): GoodVerdict {
    const { label, fileName = lastPart(route.url.target) } = this.#settings;
    const encoding = encodingOf(stated.contentEncoding);
    // The platform decodes the body, so its length is not the one that is stated.
    const head = encoding === undefined ? stated : { ...stated, contentLengthBytes: undefined };
    const verdict = judgeResponse(state, head, { ranged, fileName });
    if (verdict.kind === "complete") return verdict;
    if (verdict.kind === "body") {
      if (encoding === undefined) return verdict;
      if (!verdict.isPart) return { ...verdict, encoding: JSON.stringify(plainText(encoding, 40)) };
    }
    const bad =
      verdict.kind === "body"
        ? { kind: "no-range" as const, reason: "the server encodes a part of the file" }
        : verdict;
    if (bad.kind === "no-range") this.progress.rangesWork = false;
    throw refusalOf(bad, { head, label, route, isAuthenticated: false });
  }

  /** Reports an interruption and waits before the next attempt. Throws where there were too many in a row, or for too long. */
  async #pause(interruption: Interruption): Promise<void> {
    const { cause } = interruption;
    const { clock, onResume } = this.#settings;
    const fromByte = this.progress.position;
    const next = this.#patience.next(interruption);
    if (next === undefined || this.#stubborn.isHopeless(interruption, fromByte)) {
      throw exhausted(interruption, this.#patience.failures - 1, fromByte);
    }
    this.#resumes += 1;
    onResume?.({ fromByte, cause, ...next, ...tracesOf(cause) });
    await sleep(clock, next.delayMs, this.#outlet.signal);
  }
}
