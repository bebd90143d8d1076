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

  constructor(source: TransferSource, pool: ConnectionPool, { label, fileName, session }: TransferSettings) {
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
    this.#checkVersion(leased.contentVersion, request.fromByte);
    const url = readUrl(leased.endpoint, this.#label, this.#fileName);
    const clientOrigin = leased.clientOrigin ?? this.#clientOrigin;
    this.#checkOrigin(url, clientOrigin);
    const pin = endpointPin(leased.endpoint, this.#pool.options.thumbprint, { label: this.#label, host: url.host });
    const dispatcher = this.#pool.dispatcher(pin, { isOwn: url.origin === clientOrigin });
    const { authorization, signal: leaseSignal } = leased;
    this.#route = { url, dispatcher, leaseSignal, clientOrigin, authorization };
    return this.#route;
  }

  /**
   * A server that is connected to over TLS must lead neither to where anyone on the way can read and change the bytes, nor to
   * a metadata service of the cloud that this machine runs in.
   */
  #checkOrigin({ protocol, origin, hostname }: TransferUrl, clientOrigin: string | undefined): void {
    if (origin === clientOrigin) return;
    const { allowHttpTransfers = false } = this.#pool.options;
    if (protocol === "http:" && clientOrigin?.startsWith("https:") === true && !allowHttpTransfers) {
      throw new TransferError(
        `Refused to transfer ${this.#label} from ${origin}: it is not encrypted, while the client is connected to ${clientOrigin}`,
        { problem: "endpoint", retryable: false, origin, clientOrigin },
      );
    }
    if (!isLinkLocal(hostname)) return;
    throw linkLocalError({ host: hostname, address: hostname }, { label: this.#label, origin, clientOrigin });
  }

  /** Bytes of one content version must not be continued with those of another. */
  #checkVersion(now: string | undefined, fromByte: number): void {
    const before = this.#contentVersion;
    if (fromByte > 0 && before !== undefined && now !== undefined && before !== now) {
      throw new IntegrityError(
        `The item changed during the transfer of ${this.#label}: its content version was ${before} and is now ${now}`,
        { problem: "changed" },
      );
    }
    this.#contentVersion = now ?? before;
  }
}

/** Creates the error for a host that is, or resolves to, a link-local address. */
export function linkLocalError(
  { host, address }: { readonly host: string; readonly address: string },
  about: { readonly label: string; readonly origin: string; readonly clientOrigin: string | undefined },
): TransferError {
  const { label, origin, clientOrigin } = about;
  const what = host === address ? `${address} is` : `${host} resolves to ${address},`;
  return new TransferError(`Refused to transfer ${label} from ${origin}: ${what} a link-local address`, {
    problem: "endpoint",
    retryable: false,
    origin,
    clientOrigin,
  });
}

function readUrl({ uri }: TransferEndpoint, label: string, fileName: string | undefined): TransferUrl {
  const url = readTransferUrl(uri, fileName);
  if (url !== undefined) return url;
  const scheme = /^[a-z][a-z\d+.-]*:/iu.exec(uri.trim())?.[0].toLowerCase();
  const reason =
    scheme === "ds:"
      ? "it is a DIRECT location (ds://) on a datastore, which only the storage itself can read"
      : scheme === undefined || /^https?:$/u.test(scheme)
        ? "it is not a valid URL"
        : `its scheme is ${scheme}//, expected http:// or https://`;
  throw new TransferError(`Cannot use the transfer endpoint of ${label}: ${reason}`, {
    problem: "endpoint",
    retryable: false,
  });
}
