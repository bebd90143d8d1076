import { ProtocolError, ServerError } from "../errors/call-errors.ts";
import { defined, isObject } from "../kit/objects.ts";
import type { WireAnswer, WireRequest, WireStyle } from "../wire/codec.ts";
import { readFailure } from "../wire/failure.ts";
import { tryJson } from "../wire/json.ts";

const headers = { Accept: "application/json" };
const modernProbe: WireRequest = { method: "GET", target: "/api/content/library", headers, body: undefined };
const legacyProbe: WireRequest = {
  method: "POST",
  target: "/rest/com/vmware/cis/session?~action=get",
  headers,
  body: undefined,
};

/** An answer to the probe, and how long the server asks to wait. */
export type ProbeAnswer = WireAnswer & { readonly retryAfterMs?: number | undefined };

/** The style, and the status that it was recognised by. */
export interface DetectedStyle {
  readonly style: WireStyle;
  readonly status: number;
}

/**
 * Finds the wire style by requesting the list of libraries without an API session: a server with the modern style
 * requires a login, others do not know the path. One request, or two for a server with the legacy style.
 *
 * What a real server of 7.0 U1 or earlier answers to the first request is unconfirmed. Any answer other than a request
 * to log in counts as "not the modern style", except that of a server that is down: one that is starting must not be
 * mistaken for an old one, because the result is kept.
 *
 * @throws {@link ServerError} `BUSY`: the server, or a proxy in front of it, says that it is not available.
 * @throws {@link ProtocolError} `PROTOCOL`: the server is not a vCenter.
 */
export async function detectStyle(
  base: string,
  send: (request: WireRequest) => Promise<ProbeAnswer>,
): Promise<DetectedStyle> {
  const modern = await send(modernProbe);
  if (asksForLogin(modern) || (modern.status === 200 && Array.isArray(tryJson(modern.text))))
    return { style: "api", status: modern.status };
  throwIfDown(modern);
  const legacy = await send(legacyProbe);
  if (asksForLogin(legacy) || (legacy.status === 200 && hasValue(tryJson(legacy.text))))
    return { style: "rest", status: legacy.status };
  throwIfDown(legacy);
  throw new ProtocolError(
    `${base} does not answer like a vCenter: status ${modern.status} (${modern.contentType || "no content type"}) below /api ` +
      `and ${legacy.status} (${legacy.contentType || "no content type"}) below /rest`,
  );
}

function throwIfDown(answer: ProbeAnswer): void {
  const { status, retryAfterMs } = answer;
  if (status !== 429 && status < 500) return;
  const messages = readFailure(answer)?.messages ?? [];
  const failure = { status, errorType: "SERVICE_UNAVAILABLE", messages } as const;
  throw new ServerError("wireStyle", { ...failure, ...defined({ retryAfterMs }) });
}

/** Whether it is the answer to a request that a relay has added a session to. */
function hasValue(json: unknown): boolean {
  return isObject(json) && isObject(json["value"]);
}

/** Whether the answer asks for a login as the protocol does: with an empty body or a JSON error, not with a page. */
function asksForLogin(answer: WireAnswer): boolean {
  if (answer.status !== 401 && answer.status !== 403) return false;
  return answer.text.trim() === "" || isObject(tryJson(answer.text));
}
