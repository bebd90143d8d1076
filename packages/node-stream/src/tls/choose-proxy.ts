// By its file, as in create-dispatcher.ts: Bun gives something of its own for "undici".
import { EnvHttpProxyAgent, Pool } from "undici/index.js";
import type { buildConnector } from "undici";
import type { ProxySettings } from "./proxy-settings.ts";

type Connector = buildConnector.connector;

/**
 * The proxy that undici goes through to a server, credentials included; `undefined` where it goes there directly. undici is
 * not asked, for it does not tell, but watched: it makes a request whose connection is not made.
 */
export async function chooseProxy(server: URL, proxies: ProxySettings): Promise<URL | undefined> {
  let chosen: URL | undefined;
  const unmade = (onConnect: () => void): Connector => {
    return (_options, callback) => {
      onConnect();
      callback(new Error("Not connected: it was only to be seen where to."), null);
    };
  };
  const agent = new EnvHttpProxyAgent({
    ...proxies,
    factory: (origin, given: { connect?: Connector }) =>
      new Pool(origin, { connect: typeof given.connect === "function" ? given.connect : unmade(() => {}) }),
    clientFactory: (url) => new Pool(url.origin, { connect: unmade(() => (chosen = url)) }),
    proxyTunnel: true,
  });
  await agent.request({ origin: server.origin, path: "/", method: "HEAD" }).catch(() => {});
  await agent.destroy();
  return chosen;
}
