import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import type { TestCertificate } from "./certificate.ts";

/** A real CONNECT proxy on loopback. */
export interface ConnectProxy extends AsyncDisposable {
  /** Without the login. */
  readonly url: string;
  /** With the login, if the proxy requires one. */
  readonly urlWithLogin: string;
  /** The CONNECT requests, in order. */
  readonly tunnels: readonly IncomingMessage[];
  /** `host:port` of each CONNECT request, in order. */
  readonly targets: readonly string[];
  /** Sockets that are open now, of clients and to servers. */
  readonly sockets: ReadonlySet<Socket>;
}

/** Options of {@link startConnectProxy}. */
export interface ConnectProxyOptions {
  /** Basic authentication that the proxy requires. */
  readonly login?: { readonly user: string; readonly password: string };
  /**
   * Answers a CONNECT with a status, or with a whole head, in place of a tunnel; `undefined` opens the tunnel.
   * @param target `host:port`
   * @param index how many CONNECT requests came before
   */
  readonly refuse?: ((target: string, index: number) => number | string | undefined) | undefined;
  /** Port of loopback that every tunnel leads to, whatever host was asked for. */
  readonly leadsTo?: number;
  /** Makes the proxy speak TLS. */
  readonly certificate?: TestCertificate;
  /** @defaultValue 127.0.0.1 */
  readonly host?: "127.0.0.1" | "::1";
}

const loginRequired = 'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="x, y z"\r\n\r\n';

/** Starts a proxy. */
export async function startConnectProxy(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const { login, refuse, leadsTo, certificate, host = "127.0.0.1" } = options;
  const tunnels: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket.on("error", () => {}).on("close", () => sockets.delete(socket)));
  };
  const required = login && `Basic ${Buffer.from(`${login.user}:${login.password}`).toString("base64")}`;
  const server = certificate ? createTlsServer({ cert: certificate.pem, key: certificate.key }) : createServer();
  server.on("connection", keep);
  server.on("request", (_request, response) => response.writeHead(405).end());
  server.on("connect", (request: IncomingMessage, client: Socket, head: Buffer) => {
    client.on("error", () => {});
    const index = tunnels.push(request) - 1;
    const answer = refuse?.(request.url ?? "", index);
    if (answer !== undefined) {
      client.end(typeof answer === "number" ? `HTTP/1.1 ${answer} No\r\n\r\n` : answer);
      return;
    }
    if (required !== undefined && request.headers["proxy-authorization"] !== required) {
      client.end(loginRequired);
      return;
    }
    const { hostname, port } = new URL(`tunnel://${request.url ?? ""}`);
    const address = { host: hostname.replace(/^\[(.*)\]$/u, "$1"), port: Number(port) };
    const target = connect(leadsTo === undefined ? address : { host: "127.0.0.1", port: leadsTo }, () => {
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
  const scheme = certificate ? "https" : "http";
  const at = `${host === "::1" ? "[::1]" : host}:${port}`;
  const userInfo = login ? `${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}@` : "";
  return {
    url: `${scheme}://${at}`,
    urlWithLogin: `${scheme}://${userInfo}${at}`,
    tunnels,
    get targets() {
      return tunnels.map(({ url }) => url ?? "");
    },
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
