import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import type { TestCertificate } from "./certificate.ts";

/** A real CONNECT proxy on loopback. */
export interface ConnectProxy extends AsyncDisposable {
  readonly url: string;
  /** The CONNECT requests, in order. */
  readonly tunnels: readonly IncomingMessage[];
  /** Sockets that are open now, of clients and to servers. */
  readonly sockets: ReadonlySet<Socket>;
}

/** Options of {@link startConnectProxy}. */
export interface ConnectProxyOptions {
  /** Wants `user:password` as Basic authentication. */
  readonly password?: string;
  /** Says what to answer to a CONNECT, as the whole head; without one the tunnel is opened. */
  readonly refuse?: (index: number) => string | undefined;
  /** Connects to this port of loopback, whatever host is asked for. */
  readonly target?: number;
  /** Is spoken with over TLS. */
  readonly certificate?: TestCertificate;
  /** @defaultValue 127.0.0.1 */
  readonly host?: "127.0.0.1" | "::1";
}

/** Starts a proxy. */
export async function startConnectProxy(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const { password, refuse, certificate, host = "127.0.0.1" } = options;
  const tunnels: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket.on("error", () => {}).on("close", () => sockets.delete(socket)));
  };
  const wanted = password === undefined ? undefined : `Basic ${Buffer.from(`user:${password}`).toString("base64")}`;
  const server = certificate ? createTlsServer({ cert: certificate.pem, key: certificate.key }) : createServer();
  server.on("connection", keep);
  server.on("request", (_request, response) => response.writeHead(405).end());
  server.on("connect", (request: IncomingMessage, client: Socket, head: Buffer) => {
    client.on("error", () => {});
    const index = tunnels.push(request) - 1;
    const answer = refuse?.(index);
    if (answer !== undefined) {
      client.end(answer);
      return;
    }
    if (wanted !== undefined && request.headers["proxy-authorization"] !== wanted) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="x, y z"\r\n\r\n');
      return;
    }
    const { hostname, port } = new URL(`tunnel://${request.url ?? ""}`);
    const to = { host: hostname.replace(/^\[(.*)\]$/u, "$1"), port: Number(port) };
    const target = connect(options.target === undefined ? to : { host: "127.0.0.1", port: options.target }, () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      if (head.length > 0) target.write(head);
      target.pipe(client).pipe(target);
    });
    keep(target);
    target.on("error", () => client.destroy()).on("close", () => client.destroy());
    client.on("close", () => target.destroy());
  });
  server.listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `${certificate ? "https" : "http"}://${host === "::1" ? "[::1]" : host}:${port}`,
    tunnels,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
