import { ProxyError } from "@carrel/node-stream/tls";
import type { ProxyProblem } from "@carrel/node-stream/tls";

const otherwise =
  "If the server is reached without a proxy, name it in NO_PROXY (a name, a domain, an address, or a range such as 10.0.0.0/8).";

/** What to do about a proxy that is in the way. */
export const proxyHints: Readonly<Record<ProxyProblem, readonly string[]>> = {
  settings: [
    "Write it as http://HOST:PORT. If the proxy requires a login, put USER:PASSWORD@ before the host, with special characters",
    "as %XX.",
    otherwise,
  ],
  unreachable: ["Check HTTPS_PROXY (for http:// servers HTTP_PROXY).", otherwise],
  certificate: ["Trust the authority that signed it: export NODE_EXTRA_CA_CERTS=FILE"],
  login: ["In HTTPS_PROXY, write USER:PASSWORD@ before the proxy's host, with special characters as %XX."],
  refused: ["Ask whoever runs the proxy to let it through; many allow port 443 only.", otherwise],
  server: ["Check the server's address, and ask whoever runs the proxy whether it can get there.", otherwise],
};

/** The proxy's part in an error. */
export function proxyErrorIn(error: unknown): ProxyError | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 10; cause = cause.cause, depth += 1) {
    if (cause instanceof ProxyError) return cause;
  }
  return undefined;
}
