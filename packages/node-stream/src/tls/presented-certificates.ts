import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { connectOnce } from "./connect-once.ts";
import { ProxyRules } from "./proxy-rules.ts";
import type { TlsOptions } from "./tls-options.ts";

/** What a server shows of itself when a TLS connection is made. */
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
