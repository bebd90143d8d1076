import { ProtocolError, ServerError } from "../errors/call-errors.ts";
import type { ServerFailure } from "../errors/call-errors.ts";
import { isObject } from "../kit/objects.ts";
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

/** What the probe reads: an answer, and how long the server asks to wait. */
export type ProbeAnswer = WireAnswer & { readonly retryAfterMs?: number | undefined };

/** What the probe found: the style, and the status that gave it away. */
export interface DetectedStyle {
  readonly style: WireStyle;
  readonly status: number;
}

/**
 * Finds out the wire style by asking for the list of libraries without an API session: a server that has the modern
 * style wants a login, others know no such path. One request, or two for a server of the legacy style.
 *
 * What a real server of 7.0 U1 or before answers to the first is unconfirmed; anything but a demand for a login counts
 * as "not the modern style", but for a server that is down: one that is starting must not be taken for an old one.
 *
 * @throws {@link ServerError} `BUSY`: the server, or what stands before it, says that it is not available.
 * @throws {@link ProtocolError} `PROTOCOL`: the server is not a vCenter.
 */
export async function detectStyle(
  origin: string,
  send: (request: WireRequest) => Promise<ProbeAnswer>,
): Promise<DetectedStyle> {
  const modern = await send(modernProbe);
  if (wantsLogin(modern) || (modern.status === 200 && Array.isArray(tryJson(modern.text))))
    return { style: "api", status: modern.status };
  throwIfDown(modern);
  const legacy = await send(legacyProbe);
  if (wantsLogin(legacy)) return { style: "rest", status: legacy.status };
  throwIfDown(legacy);
  throw new ProtocolError(
    `${origin} does not answer like a vCenter: it gave status ${modern.status} (${modern.contentType || "no content type"}) below /api ` +
      `and ${legacy.status} (${legacy.contentType || "no content type"}) below /rest. Check the address and any proxy in between.`,
  );
}

function throwIfDown(answer: ProbeAnswer): void {
  const { status, retryAfterMs } = answer;
  if (status !== 429 && status < 500) return;
  const said = readFailure(answer)?.messages ?? [];
  const failure: ServerFailure = { status, errorType: "SERVICE_UNAVAILABLE", messages: said };
  throw new ServerError("wireStyle", retryAfterMs === undefined ? failure : { ...failure, retryAfterMs });
}

/** A refusal in the protocol's manner: nothing, or JSON with an error; not a page. */
function wantsLogin(answer: WireAnswer): boolean {
  if (answer.status !== 401 && answer.status !== 403) return false;
  return answer.text.trim() === "" || isObject(tryJson(answer.text));
}
