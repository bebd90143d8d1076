import ky from "ky";
import type { Clock } from "../clock.ts";
import { CarrelError } from "../errors/carrel-error.ts";
import { ProtocolError } from "../errors/protocol-error.ts";
import { TransportError } from "../errors/transport-error.ts";
import { withinTime } from "../signals.ts";
import type { WireAnswer, WireRequest } from "../wire/codec.ts";
import type { InterceptedCall, Interceptor } from "./interceptor.ts";

/** An answer with what the headers say of time. */
export interface Answer extends WireAnswer {
  /** The server's clock when it answered, in milliseconds since 1970, where it said so. */
  readonly serverTimeMs: number | undefined;
  /** How long to wait before the next attempt, where the server said so. */
  readonly retryAfterMs: number | undefined;
}

/** What an attempt needs besides the request. */
export interface ExchangeOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly call: InterceptedCall;
}

export type Exchange = (request: WireRequest, options: ExchangeOptions) => Promise<Answer>;

export interface ExchangeSettings {
  readonly origin: string;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly interceptors: readonly Interceptor[];
}

/**
 * One attempt: one request, its answer read to the end, within a time limit. ky carries it out; repeating, logging in and
 * reading the answer are decided above. Redirects are not followed, so a session id never leaves for another place.
 */
export function createExchange(settings: ExchangeSettings): Exchange {
  const http = ky.create({ retry: 0, timeout: false, throwHttpErrors: false, redirect: "manual", cache: "no-store" });
  return async (request, options) => {
    const timeout = (): TransportError =>
      new TransportError(
        `${options.call.operation}: no answer from ${settings.origin} within ${options.timeoutMs} ms.`,
        { code: "TIMEOUT" },
      );
    return withinTime(settings.clock, options.timeoutMs, timeout, options.signal, async (signal) => {
      try {
        const response = await http(settings.origin + request.target, {
          method: request.method,
          headers: { ...request.headers, ...options.headers },
          fetch: bindFetch(settings, options.call, signal),
          ...(request.body === undefined ? {} : { body: request.body }),
        });
        return await readAnswer(response, options.call.operation);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw explain(error, options.call.operation, settings.origin);
      }
    });
  };
}

/** The fetch of one attempt. The signal is given here and not to ky, which would combine it with one of its own, at a cost. */
function bindFetch(
  { fetch, interceptors }: ExchangeSettings,
  call: InterceptedCall,
  signal: AbortSignal,
): typeof globalThis.fetch {
  if (interceptors.length === 0) return (request) => fetch(request, { signal });
  const last = (request: Request): Promise<Response> => fetch(request);
  const chain = interceptors.reduceRight<typeof last>(
    (next, interceptor) => (request) => interceptor(request, next, call),
    last,
  );
  return (request) => chain(new Request(request, { signal }));
}

async function readAnswer(response: Response, operation: string): Promise<Answer> {
  if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)) {
    await response.body?.cancel();
    throw new ProtocolError(
      `${operation}: the server sent a redirect${destination(response)}, which is not followed. Give the vCenter's own address.`,
    );
  }
  const serverTimeMs = parseDate(response.headers.get("date"));
  return {
    status: response.status,
    contentType: response.headers.get("content-type") ?? "",
    text: await response.text(),
    serverTimeMs,
    retryAfterMs: parseRetryAfter(response.headers.get("retry-after"), serverTimeMs),
  };
}

/** The place a redirect leads to, without path and query, which may hold secrets. */
function destination(response: Response): string {
  const location = response.headers.get("location");
  if (!location || !URL.canParse(location, response.url)) return "";
  return ` to ${new URL(location, response.url).origin}`;
}

function parseDate(text: string | null): number | undefined {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? undefined : time;
}

function parseRetryAfter(text: string | null, serverTimeMs: number | undefined): number | undefined {
  if (text === null) return undefined;
  if (/^\d+$/.test(text.trim())) return Number(text) * 1000;
  const time = parseDate(text);
  // A date is compared with the server's own clock, never with ours.
  return time === undefined || serverTimeMs === undefined ? undefined : Math.max(0, time - serverTimeMs);
}

/** An error of ours from within the fetch as it is (a certificate that is refused, say), anything else as a broken transport. */
function explain(error: unknown, operation: string, origin: string): unknown {
  for (let inner: unknown = error, depth = 0; inner instanceof Error && depth < 8; inner = inner.cause, depth++) {
    if (inner instanceof CarrelError) return inner;
  }
  return new TransportError(
    `${operation}: ${origin} could not be reached, or the connection broke: ${rootMessage(error)}.`,
    { cause: error },
  );
}

function rootMessage(error: unknown): string {
  let inner = error;
  for (let depth = 0; inner instanceof Error && inner.cause instanceof Error && depth < 8; depth++) inner = inner.cause;
  if (!(inner instanceof Error)) return String(inner);
  const code = (inner as { code?: unknown }).code;
  return inner.message || (typeof code === "string" ? code : inner.name);
}
