import { once } from "node:events";
import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { Readable } from "node:stream";

/** A request to a server that is known by its certificate alone. */
export interface PinnedRequest {
  /** The only certificate accepted, as PEM text. */
  readonly certificate: string;
  readonly method: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Iterable<Uint8Array>;
}

/** Sends one request on a connection of its own and resolves when the head of the answer is there. */
export async function sendPinned(url: URL, options: PinnedRequest): Promise<IncomingMessage> {
  const { certificate, method, headers = {}, body = "" } = options;
  const request = httpsRequest(url, { method, headers, ca: certificate, agent: false });
  const head = once(request, "response") as Promise<[IncomingMessage]>;
  // A server may answer and hang up before it has read the whole body: its answer is what counts then.
  request.on("error", () => undefined);
  if (typeof body === "string") request.end(body);
  else Readable.from(body).pipe(request);
  return (await head)[0];
}

/** Reads the rest of an answer as text. */
export async function textOf(answer: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of answer.setEncoding("utf8")) text += chunk as string;
  return text;
}
