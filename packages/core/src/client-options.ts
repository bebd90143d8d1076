import type { AuthProvider } from "./auth/auth-provider.ts";
import type { Clock } from "./kit/time.ts";
import type { Interceptor } from "./http/interceptor.ts";
import type { RetryOptions } from "./http/retry.ts";
import type { Logger } from "./diagnostics.ts";
import type { WireStyle } from "./wire/codec.ts";

/** Options of {@link createClient}. */
export interface ClientOptions {
  /**
   * The vCenter: a host such as `vc.example.test`, `vc.example.test:8443` or `[::1]`, which is reached by https, or an
   * origin such as `http://127.0.0.1:8080`. Without path, query or credentials.
   */
  readonly endpoint: string | URL;
  /** How to log in: {@link passwordAuth}, {@link tokenAuth}, {@link samlAuth}, or your own. */
  readonly auth: AuthProvider;
  /**
   * The wire style. `auto` probes the server once, before the first call, and keeps the result.
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
