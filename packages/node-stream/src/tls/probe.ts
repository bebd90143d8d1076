import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { abortable } from "@carrel/core/kit";
import { createDispatcher } from "./create-dispatcher.ts";
import { dial, OpenSockets } from "./dial.ts";
import { ProxyRules } from "./proxy-rules.ts";
import type { TlsOptions } from "./tls-options.ts";

/** Options of {@link connectOnce}. */
interface ConnectOnceOptions {
  readonly ca?: TlsOptions["ca"];
  readonly proxies: ProxyRules;
  readonly signal: AbortSignal;
}

/**
 * Connects to a server as transfers do, lets its socket be looked at, and closes it. Nothing is sent to the server.
 * Rejects with what is in the way, and with the signal's reason.
 */
async function connectOnce<T>(
  server: URL,
  { ca, proxies, signal }: ConnectOnceOptions,
  look: (socket: Socket) => T,
): Promise<T> {
  const sockets = new OpenSockets();
  const enough = new Error("The socket was looked at, and that was all.");
  let seen: { readonly value: T } | undefined;
  const judge = (socket: Socket): Error => {
    seen = { value: look(socket) };
    return enough;
  };
  const dispatcher = createDispatcher({ ca, proxies, judge, sockets });
  try {
    // undici heeds a signal only when it has connected.
    await abortable(dispatcher.request({ origin: server.origin, path: "/", method: "HEAD" }), signal);
  } catch (error) {
    if (error !== enough) throw error;
  } finally {
    const destroyed = dispatcher.destroy();
    sockets.destroy();
    await destroyed;
  }
  if (seen === undefined) throw new Error(`${server.host} answered a request that was not sent.`);
  return seen.value;
}

/**
 * Connects to a port as transfers do, whichever of the host's addresses answers, and closes the connection.
 * Rejects with what prevents it, and with the signal's reason.
 *
 * @private Does not follow semantic versioning.
 */
export async function tryPort(host: string, port: number, signal: AbortSignal): Promise<void> {
  const sockets = new OpenSockets();
  try {
    await abortable(dial(host, port, sockets), signal);
  } finally {
    sockets.destroy();
  }
}

/**
 * Goes through the proxy that the environment puts before a server until the server's port is reached, and no further.
 * @throws ProxyError: the proxy does not let us through.
 * @private Does not follow semantic versioning.
 */
export async function tryTunnel(server: URL, signal: AbortSignal): Promise<void> {
  const proxy = new ProxyRules().proxyFor(server);
  if (proxy === undefined) return;
  // To the same port, but without TLS in the tunnel.
  const port = server.port || (server.protocol === "http:" ? "80" : "443");
  const plain = new URL(`http://${server.hostname}:${port}`);
  await connectOnce(plain, { proxies: new ProxyRules(proxy), signal }, () => undefined);
}

/**
 * What a server shows of itself when a TLS connection is made.
 *
 * @private Does not follow semantic versioning.
 */
export interface PresentedCertificates {
  /** The server's own first, each signed by the next. */
  readonly chain: readonly X509Certificate[];
  /** Why it does not validate; absent where it does. */
  readonly problem: string | undefined;
  readonly protocol: string;
}

/**
 * Makes a TLS connection as transfers do, through the proxy where the environment says so, to look at the certificates,
 * whether or not they validate. Nothing is sent to the server.
 * @throws ProxyError: the proxy is in the way. ProxySettingsError: it is malformed. Whatever else the connection failed with.
 * @private Does not follow semantic versioning.
 */
export async function presentedCertificates(
  server: URL,
  { ca, signal }: { readonly ca?: TlsOptions["ca"]; readonly signal: AbortSignal },
): Promise<PresentedCertificates> {
  return connectOnce(server, { ca, proxies: new ProxyRules(), signal }, (socket) => read(socket as TLSSocket));
}

function read(socket: TLSSocket): PresentedCertificates {
  const chain: X509Certificate[] = [];
  for (let next = socket.getPeerX509Certificate(); next && chain.length < 10; next = next.issuerCertificate) {
    if (chain.some(({ fingerprint256 }) => fingerprint256 === next?.fingerprint256)) break;
    chain.push(next);
  }
  // Typed as an Error, but a string such as DEPTH_ZERO_SELF_SIGNED_CERT in most cases.
  const problem = socket.authorized ? undefined : String(socket.authorizationError);
  return { chain, problem, protocol: socket.getProtocol() ?? "TLS" };
}
