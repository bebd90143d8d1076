import { request as httpRequest } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Path and query as they are to be sent, whatever a URL would make of them. */
  readonly path?: string;
}

export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as JSON. */
  readonly json: unknown;
  /** Whether the body came to its proper end. */
  readonly complete: boolean;
  /** What went wrong while the body was read. */
  readonly error: Error | undefined;
}

/** One exchange on a connection of its own, without any client's cleverness. Resolves for broken bodies too. */
export function send(url: string | URL, sent: Sent = {}, ca?: string): Promise<Got> {
  const { promise, resolve, reject } = Promise.withResolvers<Got>();
  const secure = String(url).startsWith("https:");
  const options = {
    method: sent.method ?? "GET",
    headers: sent.headers ?? {},
    agent: false as const,
    ...(sent.path === undefined ? {} : { path: sent.path }),
  };
  const request = secure ? httpsRequest(url, { ...options, ca }) : httpRequest(url, options);
  let error: Error | undefined;
  let answered = false;
  request.on("error", (cause) => {
    error ??= cause;
    if (!answered) reject(cause);
  });
  request.on("response", (response) => {
    answered = true;
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("error", (cause) => (error ??= cause));
    response.on("close", () => {
      const bytes = Buffer.concat(chunks);
      const text = bytes.toString("utf8");
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        bytes,
        text,
        get json() {
          return JSON.parse(text) as unknown;
        },
        complete: response.complete,
        error,
      });
    });
  });
  request.end(sent.body);
  return promise;
}
