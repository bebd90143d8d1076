import { EventEmitter, once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { ServerOptions } from "node:https";
import type { AddressInfo, Socket } from "node:net";

/** A real server whose responses a test writes, with its requests and open connections. */
export interface ByteServer extends AsyncDisposable {
  readonly origin: string;
  readonly port: number;
  readonly requests: readonly IncomingMessage[];
  /** Sockets that are open at the moment. */
  readonly sockets: ReadonlySet<Socket>;
  /** Number of connections so far. */
  readonly connections: number;
  readonly server: Server;
  url(path?: string): string;
  /** Waits until no socket is open. */
  idle(): Promise<void>;
}

export type Answerer = (request: IncomingMessage, response: ServerResponse, index: number) => void;

/** Starts a server on loopback. The answerer gets the number of the request, from 0. */
export async function startByteServer(answer: Answerer, tls?: ServerOptions): Promise<ByteServer> {
  const requests: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const idle = new EventEmitter();
  const listener: RequestListener = (request, response) => {
    response.on("error", () => {});
    answer(request, response, requests.push(request) - 1);
  };
  const server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
  server.on("connection", (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket
      .on("error", () => {})
      .on("close", () => {
        sockets.delete(socket);
        if (sockets.size === 0) idle.emit("idle");
      });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const origin = `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`;
  return {
    origin,
    port,
    requests,
    sockets,
    server,
    get connections() {
      return connections;
    },
    url: (path = "/cls/data/0123456789abcdef/disk-0.vmdk") => origin + path,
    async idle() {
      if (sockets.size > 0) await once(idle, "idle");
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** Responds with bytes as a good server does: ranges, ETag, If-Range, Content-Length. */
export function serveBytes(
  bytes: Buffer,
  request: IncomingMessage,
  response: ServerResponse,
  { etag = '"v1"' }: { readonly etag?: string | undefined } = {},
): void {
  const part = rangeOf(request, bytes.length, etag);
  if (part === "unsatisfiable") {
    response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end();
    return;
  }
  const { first, last } = part ?? { first: 0, last: bytes.length - 1 };
  response.writeHead(part === undefined ? 200 : 206, {
    "content-type": "application/octet-stream",
    "content-length": last - first + 1,
    etag,
    ...(part === undefined ? {} : { "content-range": `bytes ${first}-${last}/${bytes.length}` }),
  });
  response.end(bytes.subarray(first, last + 1));
}

/** The range of a request that applies, by the rules of HTTP. */
export function rangeOf(
  request: IncomingMessage,
  length: number,
  etag: string | undefined,
): { first: number; last: number } | "unsatisfiable" | undefined {
  const match = /^bytes=(\d+)-(\d*)$/u.exec(request.headers.range ?? "");
  const condition = request.headers["if-range"];
  if (match === null || (condition !== undefined && condition !== etag)) return undefined;
  const first = Number(match[1]);
  if (first >= length) return "unsatisfiable";
  return { first, last: match[2] ? Math.min(Number(match[2]), length - 1) : length - 1 };
}
