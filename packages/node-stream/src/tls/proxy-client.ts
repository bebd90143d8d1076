import { isIP } from "node:net";
import type { Socket } from "node:net";
import { TransportError } from "@carrel/core";
import type { buildConnector, Dispatcher } from "undici";
// By its file, as in create-dispatcher.ts: Bun gives something of its own for "undici".
import { Pool } from "undici/index.js";
import { withoutBrackets } from "./dial.ts";
import type { OpenSockets } from "./dial.ts";

/**
 * What is wrong with a proxy, or with the server behind it.
 *
 * - `settings`: the URL or the environment variable that names it.
 * - `unreachable`: it cannot be connected to, or does not answer as a proxy.
 * - `certificate`: its certificate is not valid.
 * - `login`: it requires a user name and password, or rejects them.
 * - `refused`: it does not allow the connection.
 * - `server`: it cannot reach the server.
 *
 * @private Does not follow semantic versioning.
 */
export type ProxyProblem = "settings" | "unreachable" | "certificate" | "login" | "refused" | "server";

/**
 * A connection through a proxy failed. The message names the proxy and the reason, without its user name and password.
 *
 * @private Does not follow semantic versioning.
 */
export class ProxyError extends TransportError {
  static override readonly brand: string = "ProxyError";
  override readonly retryable: boolean;
  readonly problem: ProxyProblem;

  constructor(message: string, options: { problem: ProxyProblem; retryable: boolean; cause?: unknown }) {
    super(message, options);
    this.problem = options.problem;
    this.retryable = options.retryable;
  }
}

/** Creates the error for a proxy that cannot be reached or does not answer. `proxy` is its origin. */
function unreachable(proxy: string, cause: Error): ProxyError {
  const { code = "", name, message } = cause as NodeJS.ErrnoException;
  if (/CERT|ISSUER|SIGNATURE/u.test(code)) {
    const text = `The certificate of the proxy ${proxy} is not valid (${code})`;
    return new ProxyError(text, { problem: "certificate", retryable: false, cause });
  }
  const [what, retryable] =
    name === "HTTPParserError"
      ? (["did not answer with HTTP", false] as const)
      : /^ERR_SSL_|^EPROTO$/u.test(code)
        ? ([`does not speak TLS (${code})`, false] as const)
        : code === "UND_ERR_SOCKET"
          ? (["closed the connection without a response", true] as const)
          : ([`cannot be reached (${code || message})`, true] as const);
  return new ProxyError(`The proxy ${proxy} ${what}`, { problem: "unreachable", retryable, cause });
}

/** The response of a proxy to the request for a tunnel. */
interface Refusal {
  readonly status: number;
  /** Host and port of the server. */
  readonly target: string;
  /** Its header `Proxy-Authenticate`. */
  readonly challenge: string;
  /** Whether its URL contains a user name. */
  readonly hasLogin: boolean;
}

/** Creates the error for a proxy that refuses a tunnel. `proxy` is its origin. */
function refused(proxy: string, { status, target, challenge, hasLogin }: Refusal): ProxyError {
  if (status === 407) {
    // Repeating a wrong password may lock the account.
    const retryable = false;
    const others = schemesBesidesBasic(challenge);
    if (others.length > 0) {
      const text = `The proxy ${proxy} requires authentication by ${others.join(" or ")}, and only Basic is supported (status 407)`;
      return new ProxyError(text, { problem: "refused", retryable });
    }
    const what = hasLogin ? "rejected the user name and password of its URL" : "requires a user name and password";
    return new ProxyError(`The proxy ${proxy} ${what} (status 407)`, { problem: "login", retryable });
  }
  if (status >= 502 && status <= 504) {
    const text = `The proxy ${proxy} cannot reach ${target} (status ${status})`;
    return new ProxyError(text, { problem: "server", retryable: true });
  }
  const retryable = status >= 500 || status === 408 || status === 429;
  const text = `The proxy ${proxy} does not allow connections to ${target} (status ${status})`;
  return new ProxyError(text, { problem: "refused", retryable });
}

/** The authentication schemes that a proxy offers; none where Basic is among them. */
function schemesBesidesBasic(challenge: string): readonly string[] {
  const offered = challenge.matchAll(/(?:^|,)\s*([a-z][\w-]*)(?=\s*(?:,|$|\s[^=]))/giu);
  const schemes = [...offered].map(([, scheme = ""]) => scheme);
  return schemes.some((scheme) => scheme.toLowerCase() === "basic") ? [] : schemes;
}

type Connector = buildConnector.connector;
type ConnectOptions = Parameters<Pool["connect"]>[0];
type ConnectCallback = (error: Error | null, data: Dispatcher.ConnectData) => void;

/** Opens tunnels through one proxy, or fails with a {@link ProxyError}. */
export class ProxyClient extends Pool {
  readonly #origin: string;
  readonly #hasLogin: boolean;
  readonly #sockets: OpenSockets;

  /** Keeps tunnels, which undici no longer tracks, in `sockets`. */
  constructor(url: URL, connect: Connector, sockets: OpenSockets) {
    const host = withoutBrackets(url.hostname);
    // undici would pass the proxy's address, and Node rejects an address as a server name.
    const servername = isIP(host) === 0 ? host : "";
    const named: Connector = (options, callback) => connect({ ...options, servername }, callback);
    super(url.origin, { connect: named, allowH2: false });
    this.#origin = url.origin;
    this.#hasLogin = url.username !== "";
    this.#sockets = sockets;
  }

  override connect(options: ConnectOptions): Promise<Dispatcher.ConnectData>;
  override connect(options: ConnectOptions, callback: ConnectCallback): void;
  override connect(options: ConnectOptions, callback?: ConnectCallback): Promise<Dispatcher.ConnectData> | void {
    return callback === undefined ? this.#tunnel(options) : super.connect(options, callback);
  }

  async #tunnel(options: ConnectOptions): Promise<Dispatcher.ConnectData> {
    const response = await super.connect(options).catch((error: Error) => {
      throw this.destroyed ? error : unreachable(this.#origin, error);
    });
    const { socket, statusCode: status, headers } = response;
    if (status === 200) {
      this.#sockets.add(socket as Socket);
      return response;
    }
    socket.on("error", () => {}).destroy();
    const challenge = String(headers["proxy-authenticate"] ?? "");
    throw refused(this.#origin, { status, target: options.path, challenge, hasLogin: this.#hasLogin });
  }
}
