import { CarrelError, SessionLostError } from "@carrel/core";
import type { Answer } from "./answer.ts";
import { retryAfterMs } from "./back-off.ts";
import { Break, sortFailure } from "./break.ts";
import { publish } from "./channels.ts";
import type { Exchange } from "./exchange.ts";
import type { Route } from "./locate.ts";
import { request } from "./request.ts";
import { judgeAnswer, rangeHeaders } from "./resume-rules.ts";
import type { GoodVerdict, TransferState } from "./resume-rules.ts";
import type { TransferContext } from "./transfer-context.ts";
import { verdictError } from "./verdict-error.ts";
import { untilAborted } from "../signals.ts";

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
