import { CarrelError, SessionLostError } from "@carrel/core";
import { sleep, untilAborted } from "../signals.ts";
import { backOffMs, retryAfterMs } from "./back-off.ts";
import { publish } from "./channels.ts";
import { Break, exhausted, sortFailure, verdictError } from "./failure.ts";
import type { Flow } from "./flow.ts";
import type { Progress } from "./progress.ts";
import { request } from "./request.ts";
import type { Answer } from "./response-head.ts";
import { judgeAnswer, rangeHeaders } from "./resume-rules.ts";
import type { GoodVerdict, TransferState } from "./resume-rules.ts";
import type { Locator, Route } from "./route.ts";
import type { TransferSettings } from "./settings.ts";
import type { Exchange } from "./streamed-response.ts";
import type { TransferHead } from "./transfer-options.ts";

/** What a transfer needs of the stream that it feeds. */
export interface Outlet {
  /** Tells it from others in diagnostics. */
  readonly id: number;
  /** Aborted when the stream is destroyed. */
  readonly signal: AbortSignal;
  /** Takes what the answer says of the file, once for each. */
  opened(head: TransferHead): void;
  /** Hands bytes over; false when that is enough for now. */
  deliver(chunk: Buffer): boolean;
}

/** What the exchanges of one transfer share. */
export interface TransferContext {
  readonly settings: TransferSettings;
  readonly outlet: Outlet;
  readonly locator: Locator;
  readonly flow: Flow;
  readonly progress: Progress;
  /** Those under way, to be broken off together. */
  readonly exchanges: Set<Exchange>;
  resumes: number;
  /** Breaks that few tries can mend, by the byte that they were at. */
  readonly stubbornBreaks: Map<number, number>;
}

/** Tells of a break and waits before the next try. Throws where there were too many in a row. */
export async function pauseAfter(
  context: TransferContext,
  broken: Break,
  { failures, fromByte }: { readonly failures: number; readonly fromByte: number },
): Promise<void> {
  const { cause } = broken;
  const { id, signal } = context.outlet;
  const { resumeLimit, resumeDelayMs, options } = context.settings;
  if (failures > resumeLimit || isHopeless(context, broken, fromByte)) throw exhausted(broken, failures - 1, fromByte);
  context.resumes += 1;
  const delayMs = broken.delayMs ?? backOffMs(failures, resumeDelayMs, Math.random());
  publish("carrel:transfer:resume", () => ({ transfer: id, fromByte, failures, delayMs, cause: cause.toJSON() }));
  options.onResume?.({ fromByte, cause, failures, delayMs });
  await sleep(delayMs, signal);
}

/** Whether a break that few tries can mend came too often at this byte. Others in between do not count. */
function isHopeless({ stubbornBreaks }: TransferContext, { resumeLimit }: Break, fromByte: number): boolean {
  if (resumeLimit === Infinity) return false;
  const count = (stubbornBreaks.get(fromByte) ?? 0) + 1;
  stubbornBreaks.set(fromByte, count);
  return count > resumeLimit;
}

/**
 * One try to fetch bytes: finds the route, asks, judges the answer, and lets it be received. Resolves with the break where
 * another try may mend it; throws what none can.
 */
export async function exchangeOnce(
  context: TransferContext,
  state: TransferState,
  cause: CarrelError | undefined,
  receive: (exchange: Exchange, verdict: GoodVerdict) => Promise<void>,
): Promise<Break | undefined> {
  const { locator, settings, outlet } = context;
  const { signal } = outlet;
  let route: Route | undefined;
  try {
    route = await untilAborted(locator.locate({ signal, fromByte: state.position, cause }), signal);
    await exchangeAt(context, route, state, receive);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const sorted = sortFailure(error, { ...settings, route });
    if (!(sorted instanceof Break)) throw sorted;
    if (sorted.needsEndpoint) {
      if (!locator.canAsk) throw sorted.cause;
      locator.forget(route);
    }
    return sorted;
  }
}

async function exchangeAt(
  context: TransferContext,
  route: Route,
  state: TransferState,
  receive: (exchange: Exchange, verdict: GoodVerdict) => Promise<void>,
): Promise<void> {
  const { settings, outlet, exchanges } = context;
  const headers = rangeHeaders(state);
  let current: Exchange | undefined;
  const onLost = (): void => {
    current?.abort(new Break(lossOf(route.leaseSignal?.reason, settings.label), { needsEndpoint: true }));
  };
  const onExchange = (begun: Exchange): void => {
    if (current !== undefined) exchanges.delete(current);
    current = begun;
    exchanges.add(begun);
    if (route.leaseSignal?.aborted === true) onLost();
  };
  route.leaseSignal?.addEventListener("abort", onLost, { once: true });
  try {
    const { session } = settings.options;
    const { stallTimeoutMs, label } = settings;
    const { signal } = outlet;
    const about = { session, stallTimeoutMs, label, signal, onExchange };
    const { exchange, answer, isAuthenticated } = await request(route, headers, about);
    await receive(exchange, judge(context, { route, state, answer, isAuthenticated, ranged: "range" in headers }));
  } finally {
    route.leaseSignal?.removeEventListener("abort", onLost);
    if (current !== undefined) exchanges.delete(current);
    current?.close();
  }
}

function lossOf(reason: unknown, label: string): CarrelError {
  if (reason instanceof CarrelError) return reason;
  return new SessionLostError(`The download session behind the transfer URL of ${label} is over`, { cause: reason });
}

function judge(
  { settings, outlet, progress }: TransferContext,
  asked: {
    readonly route: Route;
    readonly state: TransferState;
    readonly answer: Answer;
    readonly isAuthenticated: boolean;
    readonly ranged: boolean;
  },
): GoodVerdict {
  const { route, state, answer, isAuthenticated, ranged } = asked;
  const { status } = answer;
  const { origin, target } = route.url;
  publish("carrel:transfer:answer", () => {
    return { transfer: outlet.id, origin, status, fromByte: state.position, ranged };
  });
  const verdict = judgeAnswer(state, answer, {
    ranged,
    fileName: settings.fileName ?? target.replace(/\?.*$/, "").replace(/.*\//, ""),
  });
  if (verdict.kind === "body" || verdict.kind === "complete") return verdict;
  const error = verdictError(verdict, { status, label: settings.label, route, isAuthenticated });
  if (verdict.kind === "refused") {
    // Where no session id was sent, or a new one has not helped, a fresh endpoint may help once; asking for more does not.
    throw new Break(error, { needsEndpoint: true, ...(status === 401 && { resumeLimit: 1 }) });
  }
  if (verdict.kind === "later") {
    throw new Break(error, { isBusy: true, delayMs: retryAfterMs(answer.retryAfter, Date.now()) });
  }
  if (verdict.kind === "rangeless") {
    progress.rangesWork = false;
    throw new Break(error, { delayMs: 0 });
  }
  throw error;
}
