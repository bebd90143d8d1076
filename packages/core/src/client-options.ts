import type { AuthProvider } from "./auth/auth-provider.ts";
import type { Clock } from "./kit/time.ts";
import type { Interceptor } from "./http/interceptor.ts";
import type { RetryOptions } from "./http/retry.ts";
import type { Logger } from "./diagnostics.ts";
import type { WireStyle } from "./wire/codec.ts";

/** Options of {@link createClient}. */
export interface ClientOptions {
  /**
   * The vCenter: a host such as `vc.example.test`, `vc.example.test:8443` or `[::1]`, reached by https, or its origin, such
   * as `http://127.0.0.1:8080`. Without path, query or credentials.
   */
  readonly endpoint: string | URL;
  /** How to log in: {@link passwordAuth}, {@link tokenAuth}, {@link samlAuth}, or your own. */
  readonly auth: AuthProvider;
  /**
   * The wire style. `auto` probes once, before the first call, and remembers.
   * @defaultValue "auto"
   */
  readonly wire?: WireStyle | "auto";
  /**
   * Any WHATWG fetch, called with a URL and an init; `@carrel/node-stream` has one with certificate pinning and proxies.
   * @defaultValue globalThis.fetch
   */
  readonly fetch?: typeof globalThis.fetch;
  /**
   * How often and when calls are repeated.
   * @defaultValue four times, from 250 ms, at most 20 s apart
   */
  readonly retry?: RetryOptions;
  /**
   * Functions around each attempt, the first one outermost.
   * @defaultValue none
   */
  readonly interceptors?: readonly Interceptor[];
  /**
   * Where to write what happens.
   * @defaultValue silence
   */
  readonly logger?: Logger;
  /**
   * Time for retries, time limits and leases.
   * @defaultValue the platform's
   */
  readonly clock?: Clock;
  /**
   * Names of the headers that carry the client token in the modern style. 9.x documents `Client-Token`; for 7.0 U2 to
   * 8.x the name is unconfirmed and a page of 8.0 U1 shows `client_token`, so both are sent.
   * @defaultValue ["Client-Token", "client_token"]
   */
  readonly clientTokenHeaders?: readonly string[];
}
