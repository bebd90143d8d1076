/** Host names that requests may use: those of the loopback interface, and those of the option `hosts`. */
export class KnownHosts {
  readonly #more: ReadonlySet<string>;

  /** @param more - Host names without a port. */
  constructor(more: readonly string[]) {
    this.#more = new Set(more.flatMap((host) => hostnameOf(host) ?? []));
  }

  /**
   * Whether a request with this `Host` is answered. A web page whose own name was made to resolve to 127.0.0.1 sends that name,
   * so it cannot use the simulator. A client that sends no `Host` is not a browser.
   */
  has(host: string | undefined): boolean {
    if (host === undefined) return true;
    const name = hostnameOf(host);
    return name !== undefined && (isLoopback(name) || this.#more.has(name));
  }
}

/** Returns the name in a `Host` as URLs write it: lower-case, without the port and a final dot. */
function hostnameOf(host: string): string | undefined {
  if (host === "" || /[\s/\\?#@]/u.test(host)) return undefined;
  return URL.parse(`http://${host}`)?.hostname.replace(/\.$/u, "");
}

function isLoopback(name: string): boolean {
  return name === "localhost" || name.endsWith(".localhost") || name === "[::1]" || /^127(?:\.\d+){3}$/u.test(name);
}

/** Headers that let pages of other origins use the simulator. */
export const corsHeaders: Readonly<Record<string, string>> = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "*, Date, ETag, Content-Length, Content-Range, Accept-Ranges, Retry-After",
};

/** Headers of the answer to a preflight. */
export const preflightHeaders: Readonly<Record<string, string>> = {
  "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
  "Access-Control-Allow-Headers":
    "Authorization, Content-Type, Range, If-Range, vmware-api-session-id, vmware-use-header-authn, Client-Token, client_token",
  "Access-Control-Max-Age": "600",
};
