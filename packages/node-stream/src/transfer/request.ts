import { TransferError } from "@carrel/core";
import { abortable, defined } from "@carrel/core/kit";
import type { ResponseHead } from "@carrel/core/transfer";
import type { TransferRoute } from "./route.ts";
import { StreamedResponse } from "./streamed-response.ts";
import type { TransferSession } from "./transfer-options.ts";

const redirectLimit = 5;

/** A request besides its route. */
export interface RequestSettings {
  /** Those that request a range. */
  readonly headers: Readonly<Record<string, string>>;
  readonly session: TransferSession | undefined;
  readonly stallTimeoutMs: number;
  readonly label: string;
  readonly signal: AbortSignal;
  /** Called with each response as its request begins, so that it can be aborted. */
  readonly onResponse: (response: StreamedResponse) => void;
}

/** A response whose head has arrived. */
export interface Answered {
  readonly response: StreamedResponse;
  readonly head: ResponseHead;
  /** An API session id was sent. */
  readonly isAuthenticated: boolean;
}

/**
 * Sends a GET and waits for the head of the response. The API session id is sent to the vCenter's own origin only; after a 401
 * it is renewed once. Redirects are followed within the origin only, and without the session id and any other login.
 */
export async function request(route: TransferRoute, settings: RequestSettings): Promise<Answered> {
  const { session, signal, stallTimeoutMs } = settings;
  const headers = { accept: "*/*", "accept-encoding": "identity", ...settings.headers };
  const { origin } = route.url;
  let { authorization } = route;
  const isOwn = session !== undefined && new URL(session.origin).origin === origin;
  let token = isOwn ? await abortable(session.sessionToken({ signal }), signal) : undefined;
  let isRenewed = false;
  let { target } = route.url;
  for (let redirects = 0; ;) {
    const response = new StreamedResponse(route.dispatcher, {
      origin,
      path: target,
      headers: {
        ...headers,
        ...(token !== undefined && { "vmware-api-session-id": token }),
        ...defined({ authorization }),
      },
      stallTimeoutMs,
    });
    settings.onResponse(response);
    const head = await response.head;
    const next = redirectTarget(head, new URL(origin + target));
    if (head.status === 401 && token !== undefined && !isRenewed && isOwn) {
      response.close();
      isRenewed = true;
      token = await abortable(session.sessionToken({ signal, rejected: token }), signal);
    } else if (next === undefined) {
      return { response, head, isAuthenticated: token !== undefined };
    } else {
      response.close();
      redirects += 1;
      if (next.origin !== origin || redirects > redirectLimit) {
        const where =
          next.origin === origin ? `more than ${redirectLimit} times` : `to another origin (${originOf(next)})`;
        throw new TransferError(`The server at ${origin} redirects the request for ${settings.label} ${where}`, {
          problem: "refused",
          retryable: false,
          status: head.status,
          origin,
          clientOrigin: route.clientOrigin,
        });
      }
      target = next.pathname + next.search;
      token = undefined;
      authorization = undefined;
    }
  }
}

/** The origin; of a URL that has none, such as that of a file, the scheme alone. */
function originOf({ origin, protocol }: URL): string {
  return origin === "null" ? protocol : origin;
}

function redirectTarget(head: ResponseHead, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(head.status) || head.location === undefined) return undefined;
  return URL.parse(head.location, from) ?? undefined;
}
