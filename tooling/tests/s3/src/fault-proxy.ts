import { once } from "node:events";
import { createServer, request as send } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** What becomes of a request. */
export type Fault =
  /** One bit of its body is changed. */
  | "corrupt"
  /** The connection breaks before the store sees it. */
  | "drop-request"
  /** The store carries it out, and the connection breaks before the answer. */
  | "drop-answer"
  /** The store does not see it, and this is the answer. */
  | { readonly status: number; readonly code: string }
  | { readonly status: number; readonly xml: string };

/** A request, before it is passed on. */
export interface Seen {
  readonly method: string;
  /** Such as `PUT part`, `POST complete`, `PUT object`. */
  readonly kind: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
}

/** A proxy before a store. */
export interface FaultProxy extends AsyncDisposable {
  readonly endpoint: string;
  readonly seen: readonly Seen[];
}

function kindOf(method: string, url: URL): string {
  const query = url.searchParams;
  if (url.pathname.includes("/.carrel/")) return `${method} record`;
  if (query.has("lifecycle")) return `${method} lifecycle`;
  if (query.has("partNumber")) return `${method} part`;
  if (query.has("uploads")) return `${method} uploads`;
  if (query.has("uploadId")) return method === "POST" ? "POST complete" : `${method} upload`;
  return `${method} object`;
}

/** Starts a proxy that treats each request as `decide` wants. */
export async function startFaultProxy(
  endpoint: string,
  decide: (seen: Seen) => Fault | undefined | Promise<Fault | undefined>,
): Promise<FaultProxy> {
  const seen: Seen[] = [];
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { headers, method = "GET", url = "/" } = incoming;
    const body = await buffer(incoming);
    const { pathname: path, searchParams: query } = new URL(url, endpoint);
    const each = { method, kind: kindOf(method, new URL(url, endpoint)), path, query, headers };
    seen.push(each);
    const fault = await decide(each);
    if (fault === "drop-request") {
      incoming.socket.destroy();
      return;
    }
    if (typeof fault === "object") {
      outgoing.writeHead(fault.status, { "content-type": "application/xml" });
      const error = (code: string): string =>
        `<Error><Code>${code}</Code><Message>As the test wants.</Message></Error>`;
      outgoing.end(`<?xml version="1.0"?>${"xml" in fault ? fault.xml : error(fault.code)}`);
      return;
    }
    if (fault === "corrupt") body[Math.floor(body.length / 2)]! ^= 1;
    const passed = send(new URL(url, endpoint), { method, headers: { ...headers, connection: "close" } });
    passed.end(body);
    const [got] = (await once(passed, "response")) as [IncomingMessage];
    const bytes = await buffer(got);
    if (fault === "drop-answer") {
      incoming.socket.destroy();
      return;
    }
    outgoing.writeHead(got.statusCode ?? 500, got.headers);
    outgoing.end(bytes);
  };
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
