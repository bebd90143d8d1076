import { systemClock } from "@carrel/core";
import { defined, withinTime } from "@carrel/core/kit";
import { presentedCertificates, proxyFor, ProxyError } from "@carrel/node-stream/tls";
import type { PresentedCertificates } from "@carrel/node-stream/tls";
import type { ServerSettings } from "../settings/connection-settings.ts";
import { CliError, exitCodes } from "../process/cli-error.ts";
import { networkAdviceFor } from "../run/advice.ts";

/** The certificates that a server presents, and the route to it. */
export interface SeenCertificates extends PresentedCertificates {
  /** Origin of the proxy on the route, without user and password. */
  readonly proxy: string | undefined;
}

const limitMs = 15_000;

/**
 * Makes a TLS connection as downloads do, reads the certificates, and closes it. Sends nothing to the server.
 * @throws {@link CliError} the server cannot be reached, or does not speak TLS.
 */
export async function seeCertificates(
  server: URL,
  {
    ca,
    proxy: given,
    signal,
  }: {
    readonly ca?: string | undefined;
    readonly proxy?: ServerSettings["proxy"] | undefined;
    readonly signal: AbortSignal;
  },
): Promise<SeenCertificates> {
  const proxy = proxyFor(server, given)?.origin;
  try {
    const late = (): Error => new Error(`no answer within ${limitMs / 1000} s`);
    const presented = await withinTime(systemClock, limitMs, late, signal, (limited) =>
      presentedCertificates(server, { signal: limited, ...defined({ ca, proxy: given }) }),
    );
    return { ...presented, proxy };
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof ProxyError) throw cause;
    const route = proxy === undefined ? "" : ` through the proxy ${proxy}`;
    throw new CliError(`Cannot connect to ${server.host} over TLS${route}: ${messageOf(cause)}`, {
      exitCode: exitCodes.failed,
      hints: networkAdviceFor(cause) ?? ["Check the address, and that the server accepts HTTPS on that port."],
      cause,
    });
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // OpenSSL's own message names lines of its sources.
  if ("reason" in error && typeof error.reason === "string") return error.reason;
  // After several addresses of a name were tried, the message is empty.
  return error.message || ((error as NodeJS.ErrnoException).code ?? error.name);
}
