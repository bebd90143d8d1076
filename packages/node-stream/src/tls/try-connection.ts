import { untilAborted } from "../signals.ts";
import { connectOnce } from "./connect-once.ts";
import { dial } from "./dial.ts";
import { OpenSockets } from "./open-sockets.ts";
import { ProxyRules } from "./proxy-rules.ts";

/**
 * Connects to a port as transfers do, whichever of the host's addresses answers, and closes the connection.
 * Rejects with what prevents it, and with the signal's reason.
 */
export async function tryPort(host: string, port: number, signal: AbortSignal): Promise<void> {
  const sockets = new OpenSockets();
  try {
    await untilAborted(dial(host, port, sockets), signal);
  } finally {
    sockets.destroy();
  }
}

/**
 * Goes through the proxy that the environment puts before a server until the server's port is reached, and no further.
 * @throws ProxyError: the proxy does not let us through.
 */
export async function tryTunnel(server: URL, signal: AbortSignal): Promise<void> {
  const proxy = new ProxyRules().proxyFor(server);
  if (proxy === undefined) return;
  // To the same port, but without TLS in the tunnel.
  const port = server.port || (server.protocol === "http:" ? "80" : "443");
  const plain = new URL(`http://${server.hostname}:${port}`);
  await connectOnce(plain, { proxies: new ProxyRules(proxy), signal }, () => undefined);
}
