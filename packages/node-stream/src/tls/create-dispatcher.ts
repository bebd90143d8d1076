import type { Socket } from "node:net";
// By its file: Bun gives something of its own for "undici", which takes no dispatcher and so would ignore every pin.
import { buildConnector, EnvHttpProxyAgent, Pool } from "undici/index.js";
import type { Dispatcher } from "undici";
import { ProxyClient } from "./proxy-client.ts";
import type { ProxySettings } from "./proxy-settings.ts";
import type { TlsOptions } from "./tls-options.ts";
import { trackSockets } from "./track-sockets.ts";

type Connector = buildConnector.connector;

/** How a dispatcher connects. */
export interface DispatcherOptions {
  readonly ca: TlsOptions["ca"];
  readonly proxies: ProxySettings;
  /**
   * Judges each socket when it is connected to the server, over TLS for `https:`, and before anything is sent over it.
   * Returns why it must not be used.
   */
  readonly judge: (socket: Socket, options: buildConnector.Options) => Error | undefined;
  /** Sockets that have to be destroyed besides the dispatcher, kept up to date: those that are still connecting. */
  readonly sockets: Set<Socket>;
}

/** Connections to servers, directly or through a proxy, with every socket judged. The one place that connects. */
export function createDispatcher({ ca, proxies, judge, sockets }: DispatcherOptions): Dispatcher {
  // Node would end a socket whose certificate does not validate before anyone can see the fingerprint. So it is let
  // through here and judged below, before undici gets it and anything is sent. No TLS session is resumed, because a
  // resumed one shows no certificate to judge.
  const tls = {
    rejectUnauthorized: false,
    maxCachedSessions: 0,
    ...(ca === undefined ? {} : { ca: typeof ca === "object" && !Buffer.isBuffer(ca) ? [...ca] : ca }),
  };
  const direct = trackSockets(buildConnector({ ...tls, allowH2: false }), sockets);
  const factory = (origin: string | URL, given: object): Dispatcher => {
    const { connect } = given as { connect?: Connector };
    const isTunnel = typeof connect === "function";
    return new Pool(origin, { ...given, allowH2: false, connect: judged(isTunnel ? connect : direct, judge) });
  };
  return new EnvHttpProxyAgent({
    ...proxies,
    factory,
    clientFactory: (url, { connect }: { connect?: Connector }) =>
      new ProxyClient(url, connect ?? buildConnector({ allowH2: false }), sockets),
    requestTls: tls,
    proxyTls: { allowH2: false },
    maxCachedSessions: 0,
    proxyTunnel: true,
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

function judged(connect: Connector, judge: DispatcherOptions["judge"]): Connector {
  return (options, callback) => {
    connect(options, (error, socket) => {
      if (error !== null) {
        callback(error, null);
        return;
      }
      const refused = judge(socket, options);
      if (refused === undefined) {
        callback(null, socket);
        return;
      }
      socket.on("error", () => {}).destroy();
      callback(refused, null);
    });
  };
}
