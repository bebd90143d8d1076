import { TransferError } from "@carrel/core";
import type { Answer } from "./answer.ts";
import { Exchange } from "./exchange.ts";
import type { Place } from "./locate.ts";
import type { TransferSession } from "./transfer-source.ts";
import { untilAborted } from "./wait.ts";

const redirectLimit = 5;

/** What a request needs besides its place. */
export interface RequestContext {
  readonly session: TransferSession | undefined;
  readonly stallTimeoutMs: number;
  readonly label: string;
  readonly signal: AbortSignal;
  /** Told of each exchange as it begins, so that it can be broken off. */
  readonly onExchange: (exchange: Exchange) => void;
}

/**
 * Sends a GET and waits for the head of the answer. The API session id goes to the vCenter's own origin only; a 401 to it
 * is answered once with a new one. Redirects are followed within the origin only, and without the session id.
 */
export async function request(
  place: Place,
  rangeHeaders: Record<string, string>,
  context: RequestContext,
): Promise<{ readonly exchange: Exchange; readonly answer: Answer }> {
  const { session, signal } = context;
  const headers = { accept: "*/*", "accept-encoding": "identity", ...rangeHeaders };
  const isOwn = session !== undefined && new URL(session.origin).origin === place.url.origin;
  let token = isOwn ? await untilAborted(session.sessionToken({ signal }), signal) : undefined;
  let isRenewed = false;
  let { url } = place;
  for (let redirects = 0; ;) {
    const exchange = new Exchange(
      place.dispatcher,
      url,
      token === undefined ? headers : { ...headers, "vmware-api-session-id": token },
      context.stallTimeoutMs,
    );
    context.onExchange(exchange);
    const answer = await exchange.answer;
    const next = redirectTarget(answer, url);
    if (answer.status === 401 && token !== undefined && !isRenewed && isOwn) {
      exchange.close();
      isRenewed = true;
      token = await untilAborted(session.sessionToken({ signal, rejected: token }), signal);
    } else if (next === undefined) {
      return { exchange, answer };
    } else {
      exchange.close();
      redirects += 1;
      if (next.origin !== place.url.origin || redirects > redirectLimit) {
        throw new TransferError(
          next.origin === place.url.origin
            ? `The server redirects the request for ${context.label} again and again.`
            : `The server redirects the request for ${context.label} to another place, ${next.origin}, which is not followed.`,
          { problem: "refused", retryable: false, status: answer.status },
        );
      }
      url = next;
      token = undefined;
    }
  }
}

function redirectTarget(answer: Answer, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(answer.status) || answer.location === undefined) return undefined;
  return URL.parse(answer.location, from) ?? undefined;
}
