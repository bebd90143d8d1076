import type { Socket } from "node:net";
// By its file: Bun gives something of its own for "undici", which takes no dispatcher and so would ignore every pin.
import { Agent, buildConnector, Dispatcher, Pool, ProxyAgent } from "undici/index.js";
import { dial, withoutBrackets } from "./dial.ts";
import type { DialOptions, OpenSockets } from "./dial.ts";
import { ProxyClient, ProxyError } from "./proxy-client.ts";
import { ProxySettingsError } from "./proxy-rules.ts";
import type { ProxyRules } from "./proxy-rules.ts";
import type { TlsOptions } from "./tls-options.ts";

type Connector = buildConnector.connector;

/** How a dispatcher connects. */
export interface DispatcherOptions {
  readonly ca: TlsOptions["ca"];
  readonly proxies: ProxyRules;
  /**
   * Judges each socket once it is connected to the server, over TLS for `https:`, before anything is sent. Returns why it
   * must not be used.
   */
  readonly judge: (socket: Socket, options: buildConnector.Options) => Error | undefined;
  /** Takes every socket; destroyed together with the dispatcher. */
  readonly sockets: OpenSockets;
  /** How servers are dialled that are reached directly, without a proxy. */
  readonly dialling?: DialOptions;
}

/** Creates connections to servers, directly or through a proxy, with every socket judged. Nothing else connects. */
export function createDispatcher({ ca, proxies, judge, sockets, dialling }: DispatcherOptions): Dispatcher {
  // Node would close a socket whose certificate is not valid before anyone can see its fingerprint. So every certificate
  // passes here and is judged below, before undici gets the socket and anything is sent. No TLS session is resumed, because
  // a resumed one presents no certificate.
  const tls = {
    rejectUnauthorized: false,
    maxCachedSessions: 0,
    ...(ca !== undefined && { ca: typeof ca === "object" && !Buffer.isBuffer(ca) ? [...ca] : ca }),
  };
  const shared = { allowH2: false, headersTimeout: 0, bodyTimeout: 0 };
  const direct = dialler(buildConnector({ ...tls, allowH2: false }), sockets, dialling);
  const toProxy = dialler(buildConnector({ allowH2: false }), sockets);
  return new RoutingDispatcher(proxies, (proxy) =>
    proxy === undefined
      ? new Agent({
          ...shared,
          factory: (origin, given: object) => new Pool(origin, { ...given, ...shared, connect: judged(direct, judge) }),
        })
      : new ProxyAgent({
          ...shared,
          uri: proxy.href,
          clientFactory: (url) => new ProxyClient(url, toProxy, sockets),
          factory: (origin, given: object) =>
            new Pool(origin, {
              ...given,
              ...shared,
              connect: judged((given as { connect: Connector }).connect, judge),
            }),
          requestTls: tls,
          proxyTls: { allowH2: false },
          maxCachedSessions: 0,
          proxyTunnel: true,
        }),
  );
}

/** Sends each request through the proxy for its server, or directly. */
class RoutingDispatcher extends Dispatcher {
  readonly #proxies: ProxyRules;
  readonly #create: (proxy: URL | undefined) => Dispatcher;
  readonly #routes = new Map<string, Dispatcher>();

  constructor(proxies: ProxyRules, create: (proxy: URL | undefined) => Dispatcher) {
    super();
    this.#proxies = proxies;
    this.#create = create;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return this.#route(new URL(String(options.origin))).dispatch(options, handler);
  }

  override close(callback?: () => void): Promise<void> {
    return this.#end((route) => route.close(), callback);
  }

  override destroy(error?: Error | null | (() => void), callback?: () => void): Promise<void> {
    const reason = error instanceof Error ? error : null;
    return this.#end((route) => route.destroy(reason), typeof error === "function" ? error : callback);
  }

  #route(server: URL): Dispatcher {
    const proxy = this.#proxyFor(server);
    const key = proxy?.href ?? "";
    let route = this.#routes.get(key);
    if (route === undefined) this.#routes.set(key, (route = this.#create(proxy)));
    return route;
  }

  #proxyFor(server: URL): URL | undefined {
    try {
      return this.#proxies.proxyFor(server);
    } catch (cause) {
      if (!(cause instanceof ProxySettingsError)) throw cause;
      throw new ProxyError(cause.message, { problem: "settings", retryable: false, cause });
    }
  }

  async #end(end: (route: Dispatcher) => Promise<void>, callback: (() => void) | undefined): Promise<void> {
    await Promise.all([...this.#routes.values()].map(end));
    callback?.();
  }
}

/** A connector that dials TCP connections, with another connector for TLS over them. */
function dialler(overSocket: Connector, sockets: OpenSockets, dialling?: DialOptions): Connector {
  return (options, callback) => {
    const { hostname, port, protocol } = options;
    dial(withoutBrackets(hostname), Number(port || (protocol === "https:" ? 443 : 80)), sockets, dialling).then(
      (socket) => {
        if (protocol !== "https:") {
          callback(null, socket);
          return;
        }
        const secured: unknown = overSocket({ ...options, httpSocket: socket }, callback);
        sockets.add(secured as Socket);
      },
      (error: Error) => callback(error, null),
    );
  };
}

function judged(connect: Connector, judge: DispatcherOptions["judge"]): Connector {
  return (options, callback) => {
    connect(options, (error, socket) => {
      if (error !== null) {
        callback(error, null);
        return;
      }
      const refusal = judge(socket, options);
      if (refusal === undefined) {
        callback(null, socket);
        return;
      }
      socket.on("error", () => {}).destroy();
      callback(refusal, null);
    });
  };
}
