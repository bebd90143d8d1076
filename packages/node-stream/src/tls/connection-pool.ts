import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
// By its file: Bun gives something of its own for "undici", which takes no dispatcher and so would ignore every pin.
import { Agent, buildConnector, EnvHttpProxyAgent, Pool, ProxyAgent } from "undici/index.js";
import type { Dispatcher } from "undici";
import { judgeCertificate } from "./judge-certificate.ts";
import type { Pin } from "./pin.ts";
import type { TlsOptions } from "./tls-options.ts";

type Connector = buildConnector.connector;

/**
 * Connections to servers, for transfers to share: for each pin a pool of sockets of its own. Dispose it to close them.
 *
 * @example
 * ```ts
 * import { ConnectionPool, openTransfer } from "@carrel/node-stream";
 * import type { TransferEndpoint } from "@carrel/core";
 *
 * async function readAll(endpoints: readonly TransferEndpoint[]): Promise<void> {
 *   await using pool = new ConnectionPool({ proxy: false });
 *   for (const endpoint of endpoints) for await (const chunk of openTransfer(endpoint, { pool })) void chunk;
 * }
 * ```
 */
export class ConnectionPool implements AsyncDisposable {
  readonly options: TlsOptions;
  readonly #dispatchers = new Map<string, Dispatcher>();
  readonly #connecting = new Set<Socket>();
  #closed = false;

  constructor(options: TlsOptions = {}) {
    this.options = options;
  }

  /**
   * The dispatcher whose every socket was checked against this pin; without a pin, validated as usual.
   * @internal
   */
  dispatcher(pin: Pin | undefined): Dispatcher {
    if (this.#closed) throw new Error("The connection pool is disposed.");
    const key = pin?.key ?? "";
    let dispatcher = this.#dispatchers.get(key);
    if (dispatcher === undefined) {
      dispatcher = this.#create(pin);
      this.#dispatchers.set(key, dispatcher);
    }
    return dispatcher;
  }

  /** Closes all sockets at once, those that are still connecting included. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const dispatchers = [...this.#dispatchers.values()];
    this.#dispatchers.clear();
    const destroyed = Promise.all(dispatchers.map((dispatcher) => dispatcher.destroy()));
    for (const socket of this.#connecting) socket.destroy();
    await destroyed;
  }

  #create(pin: Pin | undefined): Dispatcher {
    const { ca, proxy = "env" } = this.options;
    // Node would end a socket whose certificate does not validate before anyone can see the fingerprint. So it is let
    // through here and judged below, before undici gets it and anything is sent. No TLS session is resumed, because a
    // resumed one shows no certificate to judge.
    const tls = {
      rejectUnauthorized: false,
      maxCachedSessions: 0,
      ...(ca === undefined ? {} : { ca: typeof ca === "object" && !Buffer.isBuffer(ca) ? [...ca] : ca }),
    };
    const direct = buildConnector({ ...tls, allowH2: false });
    const factory = (origin: string | URL, given: object): Dispatcher => {
      const { connect } = given as { connect?: Connector };
      const isTunnel = typeof connect === "function";
      return new Pool(origin, { ...given, allowH2: false, connect: this.#judged(isTunnel ? connect : direct, pin) });
    };
    const options = {
      factory,
      requestTls: tls,
      maxCachedSessions: 0,
      proxyTunnel: true,
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    if (proxy === false) return new Agent(options);
    if (proxy === "env") return new EnvHttpProxyAgent(options);
    return new ProxyAgent({ ...options, uri: String(proxy) });
  }

  #judged(connect: Connector, pin: Pin | undefined): Connector {
    return (options, callback) => {
      const started: unknown = connect(options, (error, socket) => {
        this.#connecting.delete(started as Socket);
        if (error !== null) {
          callback(error, null);
          return;
        }
        const isTls = options.protocol === "https:";
        const refused = isTls ? judgeCertificate(socket as TLSSocket, options, pin) : undefined;
        if (refused === undefined) {
          callback(null, socket);
          return;
        }
        socket.on("error", () => {}).destroy();
        callback(refused, null);
      });
      if (isSocket(started)) this.#connecting.add(started);
    };
  }
}

function isSocket(value: unknown): value is Socket {
  return typeof value === "object" && value !== null && "destroy" in value;
}
