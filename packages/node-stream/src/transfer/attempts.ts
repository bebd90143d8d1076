import { CarrelError, TransferError } from "@carrel/core";
import { abortable, sleep } from "@carrel/core/kit";
import { publish } from "./channels.ts";
import {
  exhausted,
  StubbornInterruptions,
  Interruption,
  judgeResponse,
  rangeHeaders,
  tracesOf,
  refusalOf,
  lastPart,
  lossOf,
} from "@carrel/core/transfer";
import { sortFailure } from "./failure.ts";
import type { Outlet } from "./flow.ts";
import type { GoodVerdict, Patience, Progress, ResponseVerdict, TransferState } from "@carrel/core/transfer";
import { request } from "./request.ts";
import type { Answered } from "./request.ts";
import type { TransferRoute, RouteFinder } from "./route.ts";
import type { TransferSettings } from "./settings.ts";
import type { StreamedResponse } from "./streamed-response.ts";

/** What one attempt fetches. */
export interface AttemptPlan {
  readonly state: TransferState;
  /** Why the attempt before was interrupted; `undefined` the first time. */
  readonly cause: CarrelError | undefined;
  /** Receives the body of a response that has it. */
  readonly receive: (response: StreamedResponse, verdict: GoodVerdict) => Promise<void>;
}

/** Fetches the bytes of one transfer in attempts, and waits between them. Several attempts may run at once. */
export class Attempts {
  /** How often the transfer resumed after an interruption. */
  resumes = 0;
  readonly #settings: TransferSettings;
  readonly #outlet: Outlet;
  readonly #routes: RouteFinder;
  readonly #progress: Progress;
  readonly #responses = new Set<StreamedResponse>();
  readonly #stubborn = new StubbornInterruptions();

  constructor(
    settings: TransferSettings,
    {
      outlet,
      routes,
      progress,
    }: { readonly outlet: Outlet; readonly routes: RouteFinder; readonly progress: Progress },
  ) {
    this.#settings = settings;
    this.#outlet = outlet;
    this.#routes = routes;
    this.#progress = progress;
  }

  /** Origin that the bytes last came from. */
  get origin(): string | undefined {
    return this.#routes.origin;
  }

  /**
   * Makes one attempt: finds the route, sends the request, judges the response, and has it received. Resolves with the
   * interruption where another attempt may overcome it; throws what none can.
   */
  async attempt({ state, cause, receive }: AttemptPlan): Promise<Interruption | undefined> {
    const { signal } = this.#outlet;
    let route: TransferRoute | undefined;
    try {
      route = await abortable(this.#routes.routeTo({ signal, fromByte: state.position, cause }), signal);
      await this.#attemptAt(route, state, receive);
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      const sorted = sortFailure(error, { ...this.#settings, route });
      if (!(sorted instanceof Interruption)) throw sorted;
      if (sorted.needsEndpoint) {
        if (!this.#routes.canRenew) throw sorted.cause;
        this.#routes.drop(route);
      }
      return sorted;
    }
  }

  /** Reports an interruption and waits before the next attempt. Throws where there were too many in a row, or for too long. */
  async pause(
    interruption: Interruption,
    { patience, fromByte }: { readonly patience: Patience; readonly fromByte: number },
  ): Promise<void> {
    const { cause } = interruption;
    const { clock, onResume } = this.#settings;
    const next = patience.next(interruption);
    const { failures } = patience;
    if (next === undefined || this.#stubborn.isHopeless(interruption, fromByte)) {
      throw exhausted(interruption, failures - 1, fromByte);
    }
    this.resumes += 1;
    const { delayMs } = next;
    const { id, signal } = this.#outlet;
    publish("carrel:transfer:resume", () => ({ transfer: id, fromByte, failures, delayMs, cause: cause.toJSON() }));
    onResume?.({ fromByte, cause, ...next, ...tracesOf(cause) });
    await sleep(clock, delayMs, signal);
  }

  /** Lets the bodies of all responses flow again. */
  resumeAll(): void {
    for (const response of this.#responses) response.resume();
  }

  /** Closes the sockets of all responses at once; an attempt that is still running fails with `reason`. */
  abortAll(reason: Error): void {
    for (const response of this.#responses) response.abort(reason);
  }

  /** Releases the connections of all responses, whose rest is not needed. */
  closeAll(): void {
    for (const response of this.#responses) response.close();
  }

  async #attemptAt(route: TransferRoute, state: TransferState, receive: AttemptPlan["receive"]): Promise<void> {
    const { label, session, stallTimeoutMs, partsOnly } = this.#settings;
    const headers = rangeHeaders(state);
    if (partsOnly && !("range" in headers)) throw noRange(label, "nothing identifies the version that was being read");
    let current: StreamedResponse | undefined;
    const onLost = (): void => {
      current?.abort(new Interruption(lossOf(route.leaseSignal?.reason, label), { needsEndpoint: true }));
    };
    const onResponse = (begun: StreamedResponse): void => {
      if (current !== undefined) this.#responses.delete(current);
      current = begun;
      this.#responses.add(begun);
      if (route.leaseSignal?.aborted === true) onLost();
    };
    route.leaseSignal?.addEventListener("abort", onLost, { once: true });
    try {
      const { signal } = this.#outlet;
      const answered = await request(route, { headers, session, stallTimeoutMs, label, signal, onResponse });
      await receive(answered.response, this.#judge(answered, { route, state, ranged: "range" in headers }));
    } finally {
      route.leaseSignal?.removeEventListener("abort", onLost);
      if (current !== undefined) this.#responses.delete(current);
      current?.close();
    }
  }

  #judge(
    { head, isAuthenticated }: Answered,
    {
      route,
      state,
      ranged,
    }: { readonly route: TransferRoute; readonly state: TransferState; readonly ranged: boolean },
  ): GoodVerdict {
    const { status } = head;
    const { origin, target } = route.url;
    const { label, fileName = lastPart(target) } = this.#settings;
    publish("carrel:transfer:response", () => {
      return { transfer: this.#outlet.id, origin, status, fromByte: state.position, ranged };
    });
    const verdict = judgeResponse(state, head, { ranged, fileName });
    if (this.#settings.partsOnly && isMoreThanAsked(verdict, state)) {
      throw noRange(label, "the server does not honour ranges");
    }
    if (verdict.kind === "body" || verdict.kind === "complete") return verdict;
    if (verdict.kind === "no-range") this.#progress.rangesWork = false;
    throw refusalOf(verdict, { head, label, route, isAuthenticated });
  }
}

/** Whether the answer would bring bytes that were not requested. */
function isMoreThanAsked(verdict: ResponseVerdict, { lastByte = Infinity }: TransferState): boolean {
  if (verdict.kind === "no-range") return true;
  if (verdict.kind !== "body" || verdict.isPart) return false;
  return verdict.skipBytes > 0 || (verdict.bodyBytes ?? Infinity) > lastByte + 1;
}

function noRange(label: string, reason: string): TransferError {
  return new TransferError(`Cannot read a part of ${label}: ${reason}`, { problem: "no-range", retryable: false });
}
