import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/** A real CONNECT proxy on loopback. */
export interface ConnectProxy extends AsyncDisposable {
  readonly url: string;
  /** The CONNECT requests, in order. */
  readonly tunnels: readonly IncomingMessage[];
}

/** Starts a proxy; with a password it wants `user:password` as Basic authentication. */
export async function startConnectProxy(password?: string): Promise<ConnectProxy> {
  const tunnels: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  const wanted = password === undefined ? undefined : `Basic ${Buffer.from(`user:${password}`).toString("base64")}`;
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on("connection", (socket) => sockets.add(socket.on("error", () => {})));
  server.on("connect", (request: IncomingMessage, client: Socket, head: Buffer) => {
    tunnels.push(request);
    if (wanted !== undefined && request.headers["proxy-authorization"] !== wanted) {
      client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    const [host, port] = (request.url ?? "").split(":");
    const target = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      if (head.length > 0) target.write(head);
      target.pipe(client).pipe(target);
    });
    sockets.add(target);
    target.on("error", () => client.destroy()).on("close", () => client.destroy());
    client.on("close", () => target.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
