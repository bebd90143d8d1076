import { TransferError } from "@carrel/core";
import type { Answer } from "./response-head.ts";
import { Exchange } from "./streamed-response.ts";
import type { Route } from "./route.ts";
import type { TransferSession } from "./transfer-options.ts";
import { untilAborted } from "../signals.ts";

const redirectLimit = 5;

/** What a request needs besides its route. */
export interface RequestContext {
  readonly session: TransferSession | undefined;
  readonly stallTimeoutMs: number;
  readonly label: string;
  readonly signal: AbortSignal;
  /** Told of each exchange as it begins, so that it can be broken off. */
  readonly onExchange: (exchange: Exchange) => void;
}

/**
 * Sends a GET and waits for the head of the answer. `isAuthenticated`: an API session id was sent with it. The API session id goes to the vCenter's own origin only; a 401 to it
 * is answered once with a new one. Redirects are followed within the origin only, and without the session id.
 */
export async function request(
  route: Route,
  rangeHeaders: Record<string, string>,
  context: RequestContext,
): Promise<{ readonly exchange: Exchange; readonly answer: Answer; readonly isAuthenticated: boolean }> {
  const { session, signal } = context;
  const headers = { accept: "*/*", "accept-encoding": "identity", ...rangeHeaders };
  const { origin } = route.url;
  const isOwn = session !== undefined && new URL(session.origin).origin === origin;
  let token = isOwn ? await untilAborted(session.sessionToken({ signal }), signal) : undefined;
  let isRenewed = false;
  let { target } = route.url;
  for (let redirects = 0; ;) {
    const exchange = new Exchange(
      route.dispatcher,
      { origin, path: target },
      token === undefined ? headers : { ...headers, "vmware-api-session-id": token },
      context.stallTimeoutMs,
    );
    context.onExchange(exchange);
    const answer = await exchange.answer;
    const next = redirectTarget(answer, new URL(origin + target));
    if (answer.status === 401 && token !== undefined && !isRenewed && isOwn) {
      exchange.close();
      isRenewed = true;
      token = await untilAborted(session.sessionToken({ signal, rejected: token }), signal);
    } else if (next === undefined) {
      return { exchange, answer, isAuthenticated: token !== undefined };
    } else {
      exchange.close();
      redirects += 1;
      if (next.origin !== origin || redirects > redirectLimit) {
        const where =
          next.origin === origin ? "again and again" : `to another origin, ${placeOf(next)}, which is not followed`;
        throw new TransferError(`The server at ${origin} redirects the request for ${context.label} ${where}`, {
          problem: "refused",
          retryable: false,
          status: answer.status,
          origin,
          clientOrigin: route.clientOrigin,
        });
      }
      target = next.pathname + next.search;
      token = undefined;
    }
  }
}

/** The origin; of a URL that has none, as of a file, the scheme alone. */
function placeOf({ origin, protocol }: URL): string {
  return origin === "null" ? protocol : origin;
}

function redirectTarget(answer: Answer, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(answer.status) || answer.location === undefined) return undefined;
  return URL.parse(answer.location, from) ?? undefined;
}
