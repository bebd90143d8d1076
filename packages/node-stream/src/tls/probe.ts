import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { abortable } from "@carrel/core/kit";
import { certificateReason } from "./certificate-reason.ts";
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
 * Connects to a server as transfers do, examines its socket, and closes it. Nothing is sent to the server. Rejects with what
 * prevents the connection, and with the signal's reason.
 */
async function connectOnce<T>(
  server: URL,
  { ca, proxies, signal }: ConnectOnceOptions,
  examine: (socket: Socket) => T,
): Promise<T> {
  const sockets = new OpenSockets();
  const enough = new Error("The socket was examined, and nothing more is needed");
  let examined: { readonly value: T } | undefined;
  const judge = (socket: Socket): Error => {
    examined = { value: examine(socket) };
    return enough;
  };
  const dispatcher = createDispatcher({ ca, proxies, judge, sockets });
  try {
    // undici observes a signal only once it has connected.
    await abortable(dispatcher.request({ origin: server.origin, path: "/", method: "HEAD" }), signal);
  } catch (error) {
    if (error !== enough) throw error;
  } finally {
    const destroyed = dispatcher.destroy();
    sockets.destroy();
    await destroyed;
  }
  if (examined === undefined) throw new Error(`${server.host} answered a request that was not sent`);
  return examined.value;
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
 * Opens a tunnel to a server's port through the proxy that the environment, or the option, names for it, if any, and closes it.
 * @throws ProxyError: the proxy does not open the tunnel. ProxySettingsError: the proxy cannot be used.
 * @private Does not follow semantic versioning.
 */
export async function tryTunnel(server: URL, signal: AbortSignal, proxy?: TlsOptions["proxy"]): Promise<void> {
  const found = new ProxyRules(proxy).proxyFor(server);
  if (found === undefined) return;
  // To the same port, but without TLS in the tunnel.
  const port = server.port || (server.protocol === "http:" ? "80" : "443");
  const plain = new URL(`http://${server.hostname}:${port}`);
  await connectOnce(plain, { proxies: new ProxyRules(found), signal }, () => undefined);
}

/**
 * What a server presents when a TLS connection is made.
 *
 * @private Does not follow semantic versioning.
 */
export interface PresentedCertificates {
  /** The server's own first, each signed by the next. */
  readonly chain: readonly X509Certificate[];
  /** Why it is not valid, after "it": `is self-signed: no authority vouches for it`; `undefined` where it is valid. */
  readonly problem: string | undefined;
  readonly protocol: string;
}

/**
 * Makes a TLS connection as transfers do, through a proxy where the environment or the option names one, and reads the certificates,
 * whether or not they are valid. Nothing is sent to the server.
 * @throws ProxyError: the proxy prevents the connection. ProxySettingsError: the proxy cannot be used. Otherwise what the
 * connection failed with.
 * @private Does not follow semantic versioning.
 */
export async function presentedCertificates(
  server: URL,
  { ca, proxy, signal }: Pick<TlsOptions, "ca" | "proxy"> & { readonly signal: AbortSignal },
): Promise<PresentedCertificates> {
  const hostname = server.hostname.replace(/^\[(.*)\]$/u, "$1");
  return connectOnce(server, { ca, proxies: new ProxyRules(proxy), signal }, (socket) =>
    read(socket as TLSSocket, hostname),
  );
}

function read(socket: TLSSocket, hostname: string): PresentedCertificates {
  const chain: X509Certificate[] = [];
  for (let next = socket.getPeerX509Certificate(); next && chain.length < 10; next = next.issuerCertificate) {
    if (chain.some(({ fingerprint256 }) => fingerprint256 === next?.fingerprint256)) break;
    chain.push(next);
  }
  // Typed as an Error, but a string such as DEPTH_ZERO_SELF_SIGNED_CERT in most cases.
  const code = socket.authorized ? undefined : String(socket.authorizationError);
  const [certificate] = chain;
  const problem =
    code === undefined || certificate === undefined ? code : certificateReason(code, certificate, hostname);
  return { chain, problem, protocol: socket.getProtocol() ?? "TLS" };
}
