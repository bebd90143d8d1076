import type { TransferEndpoint } from "@carrel/core";
import type { Dispatcher } from "undici";
import { endpointPin } from "../tls/certificate.ts";
import type { ConnectionPool } from "../tls/connection-pool.ts";
import { isLinkLocal } from "../tls/dial.ts";
import type { TransferSettings } from "./settings.ts";
import type { EndpointRequest, LeasedEndpoint, TransferSource, TransferUrl } from "@carrel/core/transfer";
import { checkEncryption, checkVersion, linkLocalError, readEndpointUrl } from "@carrel/core/transfer";

/** Where a request goes, and how it gets there. */
export interface TransferRoute {
  readonly url: TransferUrl;
  readonly dispatcher: Dispatcher;
  /** Aborted when the session behind the transfer URL is lost. */
  readonly leaseSignal: AbortSignal | undefined;
  /** The origin that the client is connected to, where it is known. */
  readonly clientOrigin: string | undefined;
  /** What the header `Authorization` says; a secret. */
  readonly authorization: string | undefined;
}

/** Finds the route to the bytes, and a new one when the current one is no longer valid. */
export class RouteFinder {
  readonly #source: TransferSource;
  readonly #pool: ConnectionPool;
  readonly #label: string;
  readonly #fileName: string | undefined;
  readonly #clientOrigin: string | undefined;
  #route: TransferRoute | undefined;
  #endpoint: TransferEndpoint | undefined;
  #finding: Promise<TransferRoute> | undefined;
  #contentVersion: string | undefined;

  constructor(
    source: TransferSource,
    pool: ConnectionPool,
    { label, fileName, session }: Pick<TransferSettings, "label" | "fileName" | "session">,
  ) {
    this.#source = source;
    this.#pool = pool;
    this.#label = label;
    this.#fileName = fileName;
    this.#clientOrigin = session && new URL(session.origin).origin;
  }

  /** Origin of the current transfer URL. */
  get origin(): string | undefined {
    return this.#route?.url.origin;
  }

  /** Whether the source can be asked for another endpoint. */
  get canRenew(): boolean {
    return typeof this.#source === "function";
  }

  /** Drops a route that is no longer valid; does nothing where another one was found since. */
  drop(route: TransferRoute | undefined): void {
    if (this.#route === route) this.#route = undefined;
  }

  /** Returns the current route, or finds one: once, however many callers wait for it. */
  async routeTo(request: Omit<EndpointRequest, "rejected">): Promise<TransferRoute> {
    if (this.#route !== undefined) return this.#route;
    this.#finding ??= this.#find(request).finally(() => (this.#finding = undefined));
    return this.#finding;
  }

  async #find(request: Omit<EndpointRequest, "rejected">): Promise<TransferRoute> {
    const source = this.#source;
    const rejected = this.#endpoint;
    const complete = rejected === undefined ? request : { ...request, rejected };
    const given = typeof source === "function" ? await source(complete) : source;
    const leased: LeasedEndpoint = "endpoint" in given ? given : { endpoint: given };
    this.#endpoint = leased.endpoint;
    const now = leased.contentVersion;
    checkVersion(this.#label, { before: this.#contentVersion, now, fromByte: request.fromByte });
    this.#contentVersion = now ?? this.#contentVersion;
    const url = readEndpointUrl(leased.endpoint, this.#label, this.#fileName);
    const clientOrigin = leased.clientOrigin ?? this.#clientOrigin;
    const { allowHttpTransfers = false } = this.#pool.options;
    checkEncryption(this.#label, url.origin, { clientOrigin, allowHttpTransfers });
    this.#checkAddress(url, clientOrigin);
    const pin = endpointPin(leased.endpoint, this.#pool.options.thumbprint, { label: this.#label, host: url.host });
    const dispatcher = this.#pool.dispatcher(pin, { isOwn: url.origin === clientOrigin });
    const { authorization, signal: leaseSignal } = leased;
    this.#route = { url, dispatcher, leaseSignal, clientOrigin, authorization };
    return this.#route;
  }

  /** No server may lead to a metadata service of the cloud that this machine runs in. */
  #checkAddress({ origin, hostname }: TransferUrl, clientOrigin: string | undefined): void {
    if (origin === clientOrigin || !isLinkLocal(hostname)) return;
    throw linkLocalError({ host: hostname, address: hostname }, { label: this.#label, origin, clientOrigin });
  }
}
