/**
 * A same-origin relay between pages and one vCenter.
 * @packageDocumentation
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { VcenterRelay } from "./vcenter-relay.ts";
import type { RelayOptions } from "./vcenter-relay.ts";

export type { RelayOptions } from "./vcenter-relay.ts";

/** A relay that {@link createRelay} has made. */
export interface Relay extends AsyncDisposable {
  /** Answers a request, for servers that speak Fetch: Hono, Next route handlers, Bun, Deno. Never rejects. */
  readonly fetch: (request: Request) => Promise<Response>;
  /**
   * Answers a request of Node's `http`, and fits `app.use()` of Express and Connect: with `next`, requests for other
   * paths are left to it.
   */
  readonly listener: (request: IncomingMessage, response: ServerResponse, next?: () => void) => void;
  /** Logs out, where the relay has logged in, and closes all connections. Never rejects. */
  close(): Promise<void>;
}

/**
 * Makes a relay: pages reach the content library of one vCenter through it, on their own origin. It lets through the
 * operations of the specification and the transfers that they lead to, and nothing else; session ids, transfer URLs and
 * certificates stay on the server.
 *
 * Cost on the wire: nothing by itself. Each request is passed on as one request; where the relay has a login of its own,
 * that is sent before the first.
 *
 * @throws TypeError where `endpoint`, `path` or an option of connections is wrong.
 * @throws CertificateError `CERTIFICATE`: the thumbprint is not a SHA-1 or SHA-256 fingerprint.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createRelay } from "@carrel/relay";
 *
 * function serve(thumbprint: string) {
 *   const relay = createRelay({ endpoint: "vc.example.test", path: "/vc/lab", thumbprint, hosts: ["ui.example.test"] });
 *   return createServer(relay.listener).listen(8080);
 * }
 * ```
 */
export function createRelay(options: RelayOptions): Relay {
  const relay = new VcenterRelay(options);
  const close = (): Promise<void> => relay.close();
  return {
    fetch: (request) => relay.answer(request),
    listener(incoming, outgoing, next) {
      // Express and Connect cut off the path that a listener is mounted at.
      const target = (incoming as { readonly originalUrl?: string }).originalUrl ?? incoming.url ?? "";
      if (next && !target.startsWith(`${options.path}/`)) next();
      else void listen(relay, target, incoming, outgoing);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Makes a plugin for Vite whose development server and preview have the relay.
 *
 * @example
 * ```ts
 * import { relayPlugin } from "@carrel/relay";
 *
 * // In vite.config.ts: export default defineConfig({ plugins: [lab] })
 * const lab = relayPlugin({ endpoint: "vc.example.test", path: "/vc/lab" });
 * ```
 */
export function relayPlugin(options: RelayOptions): RelayPlugin {
  const attach = (server: MiddlewareServer): void => {
    const relay = createRelay(options);
    server.middlewares.use(relay.listener);
    server.httpServer?.once("close", () => void relay.close());
  };
  return { name: "carrel-relay", configureServer: attach, configurePreviewServer: attach };
}

/** A plugin for Vite. */
export interface RelayPlugin {
  readonly name: string;
  readonly configureServer: (server: MiddlewareServer) => void;
  readonly configurePreviewServer: (server: MiddlewareServer) => void;
}

/** The part of Vite's servers that the plugin uses. */
export interface MiddlewareServer {
  readonly middlewares: { use(listener: Relay["listener"]): unknown };
  readonly httpServer: { once(event: "close", listener: () => void): unknown } | null;
}

async function listen(
  relay: VcenterRelay,
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { method = "GET", headers } = incoming;
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort());
  try {
    const request = new Request(`http://relay.invalid${target}`, {
      method,
      headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
      signal: gone.signal,
      ...(method !== "GET" &&
        method !== "HEAD" && { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" }),
    });
    const answer = await relay.answer(request);
    outgoing.writeHead(answer.status, [...answer.headers].flat());
    if (answer.body) await pipeline(Readable.fromWeb(answer.body as NodeReadableStream), outgoing);
    else outgoing.end();
  } catch {
    // The page has gone, the transfer broke off, or the request is none that Fetch knows. What is cut off must look so.
    outgoing.destroy();
  }
}
