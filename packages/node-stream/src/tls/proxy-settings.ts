import process from "node:process";
import type { TlsOptions } from "./tls-options.ts";

/** The proxies to use, as undici takes them; an empty text is none. They hold credentials. */
export interface ProxySettings {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  /** Absent where `NO_PROXY` of the environment holds. */
  readonly noProxy?: string;
}

/** What is set as a proxy is none that can be used. The message does not repeat it: it may hold a password. */
export class ProxySettingsError extends TypeError {
  override readonly name: string = "ProxySettingsError";
}

/**
 * Reads which proxies are set. Which of them a server is reached through is left to undici.
 * @throws {@link ProxySettingsError} one of them is malformed, or of a kind that cannot be used.
 */
export function readProxySettings(proxy: TlsOptions["proxy"] = "env"): ProxySettings {
  if (proxy === false) return { httpProxy: "", httpsProxy: "" };
  if (proxy === "env") return { httpProxy: fromEnvironment("HTTP_PROXY"), httpsProxy: fromEnvironment("HTTPS_PROXY") };
  const url = checked("The proxy", String(proxy));
  return { httpProxy: url, httpsProxy: url, noProxy: "" };
}

/** As undici reads it: lower-case comes first, even where it is empty. */
function fromEnvironment(name: string): string {
  const lower = name.toLowerCase();
  const set = process.env[lower] === undefined ? name : lower;
  const text = process.env[set] ?? "";
  return text === "" ? "" : checked(set, text);
}

function checked(name: string, text: string): string {
  const problem = problemOf(text);
  if (problem === undefined) return text;
  throw new ProxySettingsError(
    `${name} cannot be used: ${problem}. Write it as http://HOST:PORT. Where the proxy wants a login, USER:PASSWORD@ stands ` +
      "before the host, with special characters as %XX.",
  );
}

function problemOf(text: string): string | undefined {
  if (!/^[a-z][\w+.-]*:\/\//iu.test(text.trim())) return "it does not begin with http:// or https://";
  const url = URL.parse(text);
  if (url === null) return "it is not a URL";
  // undici makes TLS connections through SOCKS itself, and no pin would be checked.
  if (url.protocol.startsWith("socks")) return "it is a SOCKS proxy, and only HTTP proxies are supported";
  if (url.protocol !== "http:" && url.protocol !== "https:") return "it does not begin with http:// or https://";
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") return "it goes on after the host and the port";
  return isEncoded(url.username) && isEncoded(url.password) ? undefined : "a % in its user or password is no %XX";
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
