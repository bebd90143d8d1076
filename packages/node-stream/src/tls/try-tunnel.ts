import { chooseProxy } from "./choose-proxy.ts";
import { connectOnce } from "./connect-once.ts";
import { readProxySettings } from "./proxy-settings.ts";

/**
 * Goes through the proxy that the environment puts before a server until the server's port is reached, and no further.
 * @throws ProxyError: the proxy is in the way.
 */
export async function tryTunnel(server: URL, signal: AbortSignal): Promise<void> {
  const proxy = await chooseProxy(server, readProxySettings());
  if (proxy === undefined) return;
  // To the same port, but without TLS in the tunnel.
  const port = server.port || (server.protocol === "http:" ? "80" : "443");
  const plain = new URL(`http://${server.hostname}:${port}`);
  await connectOnce(plain, { proxies: readProxySettings(proxy), signal }, () => undefined);
}
