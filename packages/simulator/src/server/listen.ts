import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { ClientConnection } from "../http/http-exchange.ts";
import type { KeyedCertificate } from "../tls/certificate.ts";

/** A server that listens. */
export interface Listener {
  /** Without a slash at the end. */
  readonly origin: string;
  /** Stops listening and closes every connection. Resolves when no handle is left. */
  close(): Promise<void>;
}

/** Called for each request. */
export type OnRequest = (request: IncomingMessage, response: ServerResponse, connection: ClientConnection) => void;

const host = "127.0.0.1";

/** Listens on the loopback address. Rejects where the port is in use. */
export async function listen(
  port: number,
  certificate: KeyedCertificate | undefined,
  onRequest: OnRequest,
): Promise<Listener> {
  // Slow requests, such as uploads that a test delays, are not attacks here.
  const common = { requestTimeout: 0, keepAliveTimeout: 60_000 };
  const server = certificate
    ? createTlsServer({ ...common, cert: certificate.pem, key: certificate.key })
    : createServer(common);
  let origin = "";
  // With TLS, these are the sockets below it: they exist before the handshake, and only they can be reset.
  const sockets = new Map<number, Socket>();
  server.on("connection", (socket: Socket) => {
    const peer = socket.remotePort ?? 0;
    sockets.set(peer, socket);
    socket.once("close", () => {
      if (sockets.get(peer) === socket) sockets.delete(peer);
    });
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const socket = sockets.get(request.socket.remotePort ?? 0);
    onRequest(request, response, { origin, reset: () => socket?.resetAndDestroy() });
  });
  await startListening(server, port);
  const address = server.address() as AddressInfo;
  origin = `${certificate ? "https" : "http"}://${host}:${address.port}`;
  return {
    origin,
    close() {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      for (const socket of sockets.values()) socket.destroy();
      return promise;
    },
  };
}

function startListening(server: Server, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onError = (error: NodeJS.ErrnoException): void => reject(explain(error, port));
  server.once("error", onError);
  server.listen(port, host, () => {
    server.removeListener("error", onError);
    resolve();
  });
  return promise;
}

function explain(error: NodeJS.ErrnoException, port: number): Error {
  const reason =
    error.code === "EADDRINUSE"
      ? "the port is in use"
      : error.code === "EACCES"
        ? "this user may not use the port"
        : error.message;
  return new Error(`Cannot listen on port ${port} of ${host}: ${reason}`, { cause: error });
}
