import type { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { isIP } from "node:net";
import { connect } from "node:tls";
import { CliError } from "./cli-error.ts";
import { exitCodes } from "./exit-code.ts";

/** What a server shows of itself when a TLS connection is made. */
export interface PresentedCertificates {
  /** The server's own first, each signed by the next. */
  readonly chain: readonly X509Certificate[];
  /** Why it does not validate; absent where it does. */
  readonly problem: string | undefined;
  readonly protocol: string;
}

/**
 * Makes a TLS connection to look at the certificates, and closes it. Nothing is sent over it.
 * @throws {@link CliError} the server cannot be reached, or speaks no TLS.
 */
export async function presentedCertificates(
  server: URL,
  options: { readonly ca?: string | undefined; readonly signal: AbortSignal },
): Promise<PresentedCertificates> {
  const host = server.hostname.replace(/^\[(.*)\]$/u, "$1");
  const socket = connect({
    host,
    port: Number(server.port || 443),
    // Looked at, not trusted: nothing is sent.
    rejectUnauthorized: false,
    ...(isIP(host) ? {} : { servername: host }),
    ...(options.ca ? { ca: options.ca } : {}),
  });
  const limit = AbortSignal.timeout(15_000);
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.any([options.signal, limit]) });
    const chain: X509Certificate[] = [];
    const first = socket.getPeerX509Certificate();
    for (let next = first; next && chain.length < 10; next = next.issuerCertificate) {
      if (chain.some(({ fingerprint256 }) => fingerprint256 === next?.fingerprint256)) break;
      chain.push(next);
    }
    // Typed as an Error, but a string such as DEPTH_ZERO_SELF_SIGNED_CERT in most cases.
    const problem = socket.authorized ? undefined : String(socket.authorizationError);
    return { chain, problem, protocol: socket.getProtocol() ?? "TLS" };
  } catch (cause) {
    options.signal.throwIfAborted();
    const why = limit.aborted ? "no answer within 15 s" : cause instanceof Error ? cause.message : String(cause);
    throw new CliError(`No TLS connection to ${server.host} could be made: ${why}`, {
      exitCode: exitCodes.failed,
      hints: ["Check the address, and that the server speaks HTTPS there."],
      cause,
    });
  } finally {
    socket.destroy();
  }
}
