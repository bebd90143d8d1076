import type { TLSSocket } from "node:tls";
import type { Dispatcher } from "undici";
import { createDispatcher } from "./create-dispatcher.ts";
import { judgeCertificate } from "./certificate.ts";
import { isLinkLocal, OpenSockets } from "./dial.ts";
import type { CertificatePin } from "./certificate.ts";
import { ProxyRules } from "./proxy-rules.ts";
import type { TlsOptions } from "./tls-options.ts";

/**
 * Keeps connections to servers for transfers to share, in a separate pool of sockets for each pin. Close it to end them.
 *
 * Cost on the wire: nothing by itself.
 *
 * @throws TypeError: `proxy` is not the URL of an HTTP proxy. Proxies of the environment are checked when they are used.
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
  readonly #proxies: ProxyRules;
  readonly #sockets = new OpenSockets();
  #closed = false;

  constructor(options: TlsOptions = {}) {
    this.options = options;
    this.#proxies = new ProxyRules(options.proxy);
  }

  /**
   * Returns the dispatcher whose sockets are all checked against this pin; without a pin, validated as usual. `isOwn`: it is
   * for the server that the user named, at any address; other servers are not connected to at link-local addresses.
   * @internal
   */
  dispatcher(pin: CertificatePin | undefined, { isOwn }: { readonly isOwn: boolean }): Dispatcher {
    if (this.#closed) throw new Error("The connection pool is closed");
    const key = `${isOwn ? "own" : "other"} ${pin?.key ?? ""}`;
    let dispatcher = this.#dispatchers.get(key);
    if (dispatcher === undefined) {
      dispatcher = this.#create(pin, isOwn);
      this.#dispatchers.set(key, dispatcher);
    }
    return dispatcher;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Closes all sockets at once, including those that are still connecting. What `await using` does at the end of its block.
   */
  async close(): Promise<void> {
    this.#closed = true;
    const dispatchers = [...this.#dispatchers.values()];
    this.#dispatchers.clear();
    const destroyed = Promise.all(dispatchers.map((dispatcher) => dispatcher.destroy()));
    this.#sockets.destroy();
    await destroyed;
  }

  #create(pin: CertificatePin | undefined, isOwn: boolean): Dispatcher {
    return createDispatcher({
      ca: this.options.ca,
      proxies: this.#proxies,
      judge: (socket, options) =>
        options.protocol === "https:" ? judgeCertificate(socket as TLSSocket, options, pin) : undefined,
      sockets: this.#sockets,
      ...(!isOwn && { dialling: { allows: (address: string) => !isLinkLocal(address) } }),
    });
  }
}
