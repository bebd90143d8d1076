import { IntegrityError, TransferError } from "@carrel/core";
import type { TransferEndpoint } from "@carrel/core";
import type { Dispatcher } from "undici";
import { endpointPin } from "../tls/certificate.ts";
import type { ConnectionPool } from "../tls/connection-pool.ts";
import { isLinkLocal } from "../tls/dial.ts";
import type { TransferSettings } from "./settings.ts";
import type { EndpointRequest, LeasedEndpoint, TransferSource } from "./transfer-options.ts";
import { readTransferUrl } from "./transfer-url.ts";
import type { TransferUrl } from "./transfer-url.ts";

/** Where to send the request. */
export interface Route {
  readonly url: TransferUrl;
  readonly dispatcher: Dispatcher;
  /** Aborted when the session behind the transfer URL is lost. */
  readonly leaseSignal: AbortSignal | undefined;
  /** The origin that the client is connected to, where it is known. */
  readonly clientOrigin: string | undefined;
}

/** Finds the way to the bytes, and a new one when the old one does not hold any more. */
export class Locator {
  readonly #source: TransferSource;
  readonly #pool: ConnectionPool;
  readonly #label: string;
  readonly #fileName: string | undefined;
  readonly #clientOrigin: string | undefined;
  #route: Route | undefined;
  #endpoint: TransferEndpoint | undefined;
  #asking: Promise<Route> | undefined;
  #contentVersion: string | undefined;

  constructor(source: TransferSource, pool: ConnectionPool, { label, fileName, options }: TransferSettings) {
    this.#source = source;
    this.#pool = pool;
    this.#label = label;
    this.#fileName = fileName;
    this.#clientOrigin = options.session && new URL(options.session.origin).origin;
  }

  /** Origin of the transfer URL last used. */
  get origin(): string | undefined {
    return this.#route?.url.origin;
  }

  /** Whether another route can be had. */
  get canAsk(): boolean {
    return typeof this.#source === "function";
  }

  /** This route does not hold any more; does nothing where another one is known already. */
  forget(route: Route | undefined): void {
    if (this.#route === route) this.#route = undefined;
  }

  /** The route; asked for once, whoever waits for it. */
  async locate(request: Omit<EndpointRequest, "rejected">): Promise<Route> {
    if (this.#route !== undefined) return this.#route;
    this.#asking ??= this.#ask(request).finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  async #ask(request: Omit<EndpointRequest, "rejected">): Promise<Route> {
    const source = this.#source;
    const rejected = this.#endpoint;
    const known = rejected === undefined ? request : { ...request, rejected };
    const found = typeof source === "function" ? await source(known) : source;
    const leased: LeasedEndpoint = "endpoint" in found ? found : { endpoint: found };
    this.#endpoint = leased.endpoint;
    this.#checkVersion(leased.contentVersion, request.fromByte);
    const url = readUrl(leased.endpoint, this.#label, this.#fileName);
    const clientOrigin = leased.clientOrigin ?? this.#clientOrigin;
    this.#checkPlace(url, clientOrigin);
    const pin = endpointPin(leased.endpoint, this.#pool.options.thumbprint, { label: this.#label, host: url.host });
    const dispatcher = this.#pool.dispatcher(pin, { isOwn: url.origin === clientOrigin });
    this.#route = { url, dispatcher, leaseSignal: leased.signal, clientOrigin };
    return this.#route;
  }

  /** A server that was reached over TLS must not lead to where anybody can listen, nor to a service of this machine's cloud. */
  #checkPlace({ protocol, origin, hostname }: TransferUrl, clientOrigin: string | undefined): void {
    if (origin === clientOrigin) return;
    const { allowHttpTransfers = false } = this.#pool.options;
    if (protocol === "http:" && clientOrigin?.startsWith("https:") === true && !allowHttpTransfers) {
      throw new TransferError(
        `The server leads the transfer of ${this.#label} to ${origin}, which is not encrypted, while the client is connected to ${clientOrigin}`,
        { problem: "endpoint", retryable: false, origin, clientOrigin },
      );
    }
    if (isLinkLocal(hostname)) throw linkLocalError(hostname, { label: this.#label, origin, clientOrigin });
  }

  #checkVersion(now: string | undefined, fromByte: number): void {
    const before = this.#contentVersion;
    if (fromByte > 0 && before !== undefined && now !== undefined && before !== now) {
      throw new IntegrityError(
        `The item changed while ${this.#label} was transferred: its content version was ${before} and is ${now}`,
        { problem: "changed" },
      );
    }
    this.#contentVersion = now ?? before;
  }
}

/** The refusal to connect to a link-local address. `place` says which, and of what. */
export function linkLocalError(
  place: string,
  about: { readonly label: string; readonly origin: string; readonly clientOrigin: string | undefined },
): TransferError {
  const { label, origin, clientOrigin } = about;
  return new TransferError(
    `The server leads the transfer of ${label} to ${origin}: ${place}, a link-local address, is not connected to`,
    { problem: "endpoint", retryable: false, origin, clientOrigin },
  );
}

function readUrl({ uri }: TransferEndpoint, label: string, fileName: string | undefined): TransferUrl {
  const url = readTransferUrl(uri, fileName);
  if (url !== undefined) return url;
  const scheme = /^[a-z][a-z\d+.-]*:/iu.exec(uri.trim())?.[0].toLowerCase();
  const what =
    scheme === "ds:"
      ? "is DIRECT (ds://): a location on a datastore, which only the storage itself can read"
      : scheme === undefined || /^https?:$/u.test(scheme)
        ? "is not a readable URL"
        : `is not an HTTP URL but has the scheme ${scheme}//`;
  throw new TransferError(`The endpoint of ${label} ${what}`, { problem: "endpoint", retryable: false });
}
