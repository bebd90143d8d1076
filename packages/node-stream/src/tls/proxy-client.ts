import { isIP } from "node:net";
import type { Socket } from "node:net";
// By its file, as in create-dispatcher.ts: Bun gives something of its own for "undici".
import { Pool } from "undici/index.js";
import type { buildConnector, Dispatcher } from "undici";
import type { OpenSockets } from "./open-sockets.ts";
import { refused, unreachable } from "./proxy-error.ts";

type Connector = buildConnector.connector;
type ConnectOptions = Parameters<Pool["connect"]>[0];
type ConnectCallback = (error: Error | null, data: Dispatcher.ConnectData) => void;

/** Speaks with one proxy: asks it for tunnels, and says in a sentence why there is none. */
export class ProxyClient extends Pool {
  readonly #origin: string;
  readonly #hasLogin: boolean;
  readonly #sockets: OpenSockets;

  /** Tunnels, which undici does not know any more, are kept in `sockets`. */
  constructor(url: URL, connect: Connector, sockets: OpenSockets) {
    const host = url.hostname.replace(/^\[(.*)\]$/u, "$1");
    // undici would say the proxy's address, which is no name and which Node refuses as one.
    const servername = isIP(host) === 0 ? host : "";
    const named: Connector = (options, callback) => connect({ ...options, servername }, callback);
    super(url.origin, { connect: named, allowH2: false });
    this.#origin = url.origin;
    this.#hasLogin = url.username !== "";
    this.#sockets = sockets;
  }

  override connect(options: ConnectOptions): Promise<Dispatcher.ConnectData>;
  override connect(options: ConnectOptions, callback: ConnectCallback): void;
  override connect(options: ConnectOptions, callback?: ConnectCallback): Promise<Dispatcher.ConnectData> | void {
    return callback === undefined ? this.#tunnel(options) : super.connect(options, callback);
  }

  async #tunnel(options: ConnectOptions): Promise<Dispatcher.ConnectData> {
    const answer = await super.connect(options).catch((error: Error) => {
      throw this.destroyed ? error : unreachable(this.#origin, error);
    });
    const { socket, statusCode: status, headers } = answer;
    if (status === 200) {
      this.#sockets.add(socket as Socket);
      return answer;
    }
    socket.on("error", () => {}).destroy();
    const challenge = String(headers["proxy-authenticate"] ?? "");
    throw refused(this.#origin, { status, target: options.path, challenge, hasLogin: this.#hasLogin });
  }
}
