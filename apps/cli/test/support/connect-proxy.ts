import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { connect, isIP } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/** A real CONNECT proxy on loopback. */
export interface ConnectProxy extends AsyncDisposable {
  /** Without user and password. */
  readonly url: string;
  /** With them, where there are any. */
  readonly urlWithLogin: string;
  /** Hosts and ports that were asked for, in order. */
  readonly asked: readonly string[];
}

/** Options of {@link startConnectProxy}. */
export interface ConnectProxyOptions {
  /** Where names lead to that nobody but the proxy knows: a port of loopback. */
  readonly port: string;
  /** Wants this password, of the user `me@corp`. */
  readonly password?: string | undefined;
  /** Says with which status to refuse a tunnel to this host and port. */
  readonly refuse?: (target: string) => number | undefined;
}

/** Starts a proxy. */
export async function startConnectProxy({ port, password, refuse }: ConnectProxyOptions): Promise<ConnectProxy> {
  const targets: string[] = [];
  const sockets = new Set<Socket>();
  const login = `${encodeURIComponent("me@corp")}:${encodeURIComponent(password ?? "")}`;
  const wanted = `Basic ${Buffer.from(`me@corp:${password}`).toString("base64")}`;
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on("connection", (socket) => sockets.add(socket.on("error", () => {})));
  server.on("connect", (request: IncomingMessage, client: Socket, head: Buffer) => {
    const asked = request.url ?? "";
    targets.push(asked);
    const isWelcome = password === undefined || request.headers["proxy-authorization"] === wanted;
    const status = refuse?.(asked);
    if (status !== undefined || !isWelcome) {
      const challenge = isWelcome ? "" : 'proxy-authenticate: Basic realm="corp"\r\n';
      client.end(`HTTP/1.1 ${status ?? 407} No\r\n${challenge}\r\n`);
      return;
    }
    const to = new URL(`tunnel://${asked}`);
    const target = connect(Number(isIP(to.hostname) ? to.port : port), "127.0.0.1", () => {
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
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    urlWithLogin: password === undefined ? `http://${host}` : `http://${login}@${host}`,
    asked: targets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
