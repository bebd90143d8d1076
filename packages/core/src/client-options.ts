import type { AuthProvider } from "./auth/auth-provider.ts";
import type { Clock } from "./kit/time.ts";
import type { Interceptor } from "./http/interceptor.ts";
import type { RetryOptions } from "./http/retry.ts";
import type { Logger } from "./diagnostics.ts";
import type { WireStyle } from "./wire/codec.ts";

/** Options of {@link createClient}. */
export interface ClientOptions {
  /**
   * The vCenter: a host such as `vc.example.test`, `vc.example.test:8443` or `[::1]`, which is reached by https, or a
   * URL such as `http://127.0.0.1:8080`. Behind a proxy, with the path that it is found below:
   * `https://ui.example.test/vc/lab`, or in browsers also `/vc/lab`, on the origin of the page. Where there is no page,
   * as on a server that renders, a client of such a path can be made, and every call of it rejects with a `TypeError`.
   * Without query or credentials.
   */
  readonly endpoint: string | URL;
  /** How to log in: {@link passwordAuth}, {@link tokenAuth}, {@link samlAuth}, or your own. */
  readonly auth: AuthProvider;
  /**
   * The wire style. `auto` probes the server once, before the first call, and keeps the result. On a page, whose
   * console shows each refused request, the login is the probe, and only a server that does not know it is asked.
   * @defaultValue "auto"
   */
  readonly wire?: WireStyle | "auto";
  /**
   * Any WHATWG fetch, called with a URL and an init. `@carrel/node-stream` has one that pins certificates and uses
   * proxies.
   * @defaultValue globalThis.fetch
   */
  readonly fetch?: typeof globalThis.fetch;
  /**
   * Replaces each transfer URL that the vCenter answers with, before anything else sees it: for a proxy that makes
   * transfers reachable elsewhere. A path is completed by the origin of `endpoint`. A transfer URL is a secret, and may
   * contain an unescaped file name, so cut it as text. The fingerprint that an answer states beside it stays as it is.
   *
   * With `@carrel/relay` this is not needed: the relay answers with paths of its own.
   * @defaultValue transfer URLs as the vCenter gives them
   *
   * @example
   * ```ts
   * import { createClient, tokenAuth } from "@carrel/core";
   *
   * // A proxy on the page's origin passes /vc/lab/api and /cls to the vCenter.
   * function clientBehindProxy(sessionId: string) {
   *   return createClient({
   *     endpoint: "/vc/lab",
   *     auth: tokenAuth(sessionId),
   *     mapTransferUrl: (url) => url.replace(/^https:\/\/[^/]+/u, ""),
   *   });
   * }
   * ```
   */
  readonly mapTransferUrl?: (url: string) => string;
  /**
   * Ends all download sessions and the login when the page is closed, reloaded or left, by requests that outlive it.
   * Without it they stay on the server until they expire. A page that returns from the back/forward cache logs in again
   * with its next call; its leases are lost, so that `reopenWhenLost` of `@carrel/rx`, the packages of frameworks and
   * streams of `@carrel/web-stream` open new ones by themselves. Where there is no page it does nothing.
   * @defaultValue false
   */
  readonly endOnPageHide?: boolean;
  /**
   * How often and when calls that are safe to repeat are retried.
   * @defaultValue four times, after 250 ms or less at first, at most 20 s apart
   */
  readonly retry?: RetryOptions;
  /**
   * Functions around each attempt, the first one being the outermost.
   * @defaultValue none
   */
  readonly interceptors?: readonly Interceptor[];
  /**
   * Where to write diagnostic events.
   * @defaultValue none
   */
  readonly logger?: Logger;
  /**
   * The time that retries, time limits and leases go by.
   * @defaultValue the platform's time
   */
  readonly clock?: Clock;
  /**
   * Names of the headers that carry the client token in the modern style. 9.x documents `Client-Token`. For 7.0 U2 to
   * 8.x the name is unconfirmed, and a page of 8.0 U1 shows `client_token`, so both are sent.
   * @defaultValue ["Client-Token", "client_token"]
   */
  readonly clientTokenHeaders?: readonly string[];
}
