import process from "node:process";
import { NoProxy } from "./no-proxy.ts";
import type { TlsOptions } from "./tls-options.ts";

/**
 * The setting for a proxy is unusable. The message does not repeat it, because it may contain a password.
 *
 * @private Does not follow semantic versioning.
 */
export class ProxySettingsError extends TypeError {
  override readonly name: string = "ProxySettingsError";
}

/**
 * Decides which proxy a server is reached through, for clients, transfers and probes alike.
 *
 * Reads the environment as curl does: `https_proxy` for `https:` and `http_proxy` for `http:`, lower case before upper case;
 * a proxy without a scheme is an `http:` one. Unlike in curl, `http_proxy` applies to `https:` as well where `https_proxy` is
 * not set, and `ALL_PROXY` is not read. A proxy that is not used for a server is not checked.
 */
export class ProxyRules {
  readonly #http: string;
  readonly #https: string;
  readonly #noProxy: NoProxy;
  /** Names of the settings, for messages. */
  readonly #names: { readonly http: string; readonly https: string };

  /** @throws {@link ProxySettingsError}: the proxy is given as an option, for every server, and cannot be used. */
  constructor(proxy: TlsOptions["proxy"] = "env") {
    if (proxy === "env") {
      const http = variable("HTTP_PROXY");
      const https = variable("HTTPS_PROXY");
      this.#http = http.value;
      this.#https = https.value || http.value;
      this.#names = { http: http.name, https: https.value ? https.name : http.name };
      this.#noProxy = new NoProxy(variable("NO_PROXY").value);
      return;
    }
    this.#http = this.#https = proxy === false ? "" : String(proxy).trim();
    this.#names = { http: "The proxy", https: "The proxy" };
    this.#noProxy = new NoProxy("");
    if (this.#https !== "") readProxy(this.#names.https, this.#https);
  }

  /**
   * Returns the proxy that a server is reached through, with its credentials; `undefined` where it is reached directly.
   *
   * @throws {@link ProxySettingsError}: the proxy cannot be used.
   */
  proxyFor(server: URL): URL | undefined {
    const scheme = server.protocol === "http:" ? "http" : "https";
    const text = scheme === "http" ? this.#http : this.#https;
    if (text === "" || this.#noProxy.includes(server)) return undefined;
    return readProxy(this.#names[scheme], text);
  }
}

/**
 * Returns the proxy that the environment, or the option, names for a server, without its user name and password; `undefined`
 * where there is none. Nothing is sent.
 * @throws {@link ProxySettingsError}: the proxy cannot be used.
 * @private Does not follow semantic versioning.
 */
export function proxyFor(server: URL, proxy?: TlsOptions["proxy"]): URL | undefined {
  const found = new ProxyRules(proxy).proxyFor(server);
  return found && new URL(found.origin);
}

/** The variable in lower case takes precedence, even where it is empty. */
function variable(name: string): { readonly name: string; readonly value: string } {
  const lower = name.toLowerCase();
  const set = process.env[lower] === undefined ? name : lower;
  return { name: set, value: process.env[set]?.trim() ?? "" };
}

function readProxy(name: string, text: string): URL {
  const url = URL.parse(/^[a-z][\w+.-]*:\/\//iu.test(text) ? text : `http://${text}`);
  const problem = problemOf(url);
  if (url === null || problem !== undefined) throw new ProxySettingsError(`${name} cannot be used: ${problem}`);
  return url;
}

function problemOf(url: URL | null): string | undefined {
  if (url === null) return "it is not a URL";
  // undici makes TLS connections through SOCKS by itself, and no pin would be checked.
  if (url.protocol.startsWith("socks")) return "it is a SOCKS proxy, and only HTTP proxies are supported";
  if (url.protocol !== "http:" && url.protocol !== "https:") return "its scheme is neither http:// nor https://";
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") return "it has a path or a query";
  return isEncoded(url.username) && isEncoded(url.password)
    ? undefined
    : "its user name or password contains a % that is not part of a %XX";
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
