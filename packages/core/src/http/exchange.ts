import { defined } from "../kit/objects.ts";
import ky from "ky";
import { ProtocolError, TransportError } from "../errors/call-errors.ts";
import { parseRetryAfter } from "../kit/back-off.ts";
import { parseHttpDate, withinTime } from "../kit/time.ts";
import type { Clock } from "../kit/time.ts";
import type { WireAnswer, WireRequest } from "../wire/codec.ts";
import { discardBody, readText } from "./body.ts";
import { transportErrorOf } from "./explain-failure.ts";
import type { InterceptedCall, Interceptor } from "./interceptor.ts";

/** The longest answer to a login, or with an error, in decoded bytes. */
export const longestErrorBytes: number = 1024 ** 2;

/** An answer with the times that its headers state. */
export interface TimedAnswer extends WireAnswer {
  /** The server's clock at the time of the answer, in milliseconds since 1970, if it was sent. */
  readonly serverTimeMs: number | undefined;
  /** How long the server asks to wait before the next attempt, if it does. */
  readonly retryAfterMs: number | undefined;
}

/** Options of one exchange. */
export interface ExchangeOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly call: InterceptedCall;
  /** Whether the request outlives its page. */
  readonly keepalive?: boolean;
  /** The longest successful answer that is read, in decoded bytes. */
  readonly longestAnswerBytes: number;
}

export type SendRequest = (request: WireRequest, options: ExchangeOptions) => Promise<TimedAnswer>;

export interface ExchangeSettings {
  readonly origin: string;
  /** What stands before the target of each request. */
  readonly base: string;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly interceptors: readonly Interceptor[];
}

/**
 * Makes the function that carries out one HTTP exchange by ky: one request and its answer, read to the end, within a
 * time limit. Retries, logins and the meaning of the answer are decided by its callers. Redirects are not followed,
 * because a session id must not be sent to another server.
 */
export function createSendRequest(settings: ExchangeSettings): SendRequest {
  const http = ky.create({ retry: 0, timeout: false, throwHttpErrors: false, redirect: "manual", cache: "no-store" });
  return async (request, options) => {
    const { operation } = options.call;
    if (settings.origin === "") {
      throw new TypeError(`endpoint ${settings.base} is relative: there is no page whose origin it is on`);
    }
    const timeout = (): TransportError =>
      new TransportError(`No answer from ${settings.origin} within ${options.timeoutMs} ms`, {
        operation,
        origin: settings.origin,
        code: "TIMEOUT",
      });
    return withinTime(settings.clock, options.timeoutMs, timeout, options.signal, async (signal) => {
      try {
        const response = await http(settings.base + request.target, {
          method: request.method,
          headers: { ...request.headers, ...options.headers },
          fetch: bindFetch(settings, options.call, signal),
          ...(options.keepalive === true && { keepalive: true }),
          ...defined({ body: request.body }),
        });
        return await readAnswer(response, operation, options.longestAnswerBytes);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw transportErrorOf(error, operation, settings.origin);
      }
    });
  };
}

/**
 * The fetch of one attempt. It gets the signal here and not from ky, which would link it with a signal of its own each
 * time.
 */
function bindFetch(
  { fetch, interceptors }: ExchangeSettings,
  call: InterceptedCall,
  signal: AbortSignal,
): typeof globalThis.fetch {
  // ky makes a `Request` of the platform, which a fetch with its own classes would take for an address.
  const send = async (request: Request, abort: AbortSignal): Promise<Response> =>
    fetch(request.url, await initOf(request, abort));
  // ky always passes a Request.
  if (interceptors.length === 0) return (request) => send(request as Request, signal);
  const chain = interceptors.reduceRight<(request: Request) => Promise<Response>>(
    (next, interceptor) => (request) => interceptor(request, next, call),
    (request) => send(request, request.signal),
  );
  return (request) => chain(new Request(request, { signal }));
}

/** The same request as plain values, which any fetch understands, whatever its own classes are. */
async function initOf(request: Request, signal: AbortSignal): Promise<RequestInit> {
  const { method, redirect, cache, credentials, keepalive } = request;
  const body = method === "GET" || method === "HEAD" ? "" : await request.text();
  return {
    method,
    headers: Object.fromEntries(request.headers),
    ...(body === "" ? {} : { body }),
    redirect,
    cache,
    credentials,
    ...(keepalive ? { keepalive } : {}),
    signal,
  };
}

async function readAnswer(response: Response, operation: string, longestBytes: number): Promise<TimedAnswer> {
  if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)) {
    await discardBody(response);
    // Such as 304, which is not a redirect.
    if (response.type !== "opaqueredirect" && !response.headers.has("location")) {
      throw new ProtocolError(`${operation}: unexpected answer with status ${response.status}`);
    }
    throw new ProtocolError(`${operation}: the server sent a redirect${destination(response)}, which is not followed`);
  }
  const date = response.headers.get("date");
  const limitBytes = response.ok ? longestBytes : longestErrorBytes;
  const text = await readText(response, limitBytes);
  if (text === undefined) {
    const limit = `${limitBytes / 1024 ** 2} MiB`;
    throw new ProtocolError(`${operation}: the answer (status ${response.status}) is longer than ${limit}`);
  }
  return {
    status: response.status,
    contentType: response.headers.get("content-type") ?? "",
    text,
    serverTimeMs: parseHttpDate(date),
    retryAfterMs: parseRetryAfter(response.headers.get("retry-after"), date),
  };
}

/** The server that a redirect leads to, without path and query, which may contain secrets. */
function destination(response: Response): string {
  const location = response.headers.get("location");
  if (!location || !URL.canParse(location, response.url)) return "";
  return ` to ${new URL(location, response.url).origin}`;
}
