import { chooseProxy } from "./choose-proxy.ts";
import { readProxySettings } from "./proxy-settings.ts";

/**
 * The proxy that the environment puts before a server, without its user and password; `undefined` where there is none.
 * Nothing is sent.
 * @throws ProxySettingsError: a proxy that is set is malformed, or of a kind that cannot be used.
 */
export async function proxyFor(server: URL): Promise<URL | undefined> {
  const proxy = await chooseProxy(server, readProxySettings());
  return proxy && new URL(proxy.origin);
}
