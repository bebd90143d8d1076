import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { KeyedCertificate } from "../tls/certificate.ts";

/** A server that listens. */
export interface Listener {
  /** Without a slash at the end. */
  readonly origin: string;
  /** Stops listening and breaks off every connection. Resolves when no handle is left. */
  close(): Promise<void>;
}

const host = "127.0.0.1";

/** Listens on the loopback address. Rejects with a sentence where the port is taken. */
export async function listen(
  port: number,
  certificate: KeyedCertificate | undefined,
  onRequest: RequestListener,
): Promise<Listener> {
  const server = certificate
    ? createTlsServer({ cert: certificate.pem, key: certificate.key }, onRequest)
    : createServer(onRequest);
  const sockets = new Set<Socket>();
  // Of TLS, the raw sockets: they are there before the handshake, and destroying them ends what is on top.
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await startListening(server, port);
  const address = server.address() as AddressInfo;
  return {
    origin: `${certificate ? "https" : "http"}://${host}:${address.port}`,
    close() {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
      return promise;
    },
  };
}

function startListening(server: Server, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onError = (error: NodeJS.ErrnoException): void => reject(readable(error, port));
  server.once("error", onError);
  server.listen(port, host, () => {
    server.removeListener("error", onError);
    resolve();
  });
  return promise;
}

function readable(error: NodeJS.ErrnoException, port: number): Error {
  const sentence =
    error.code === "EADDRINUSE"
      ? `Port ${port} of ${host} is in use: choose another one, or 0 for any that is free.`
      : error.code === "EACCES"
        ? `Port ${port} of ${host} may not be used by this user: choose one above 1023, or 0 for any that is free.`
        : `The simulator cannot listen on port ${port} of ${host}: ${error.message}`;
  return new Error(sentence, { cause: error });
}
