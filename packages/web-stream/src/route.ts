import { TransferError } from "@carrel/core";
import type { TransferEndpoint } from "@carrel/core";
import { checkEncryption, checkVersion, linkLocalError, readEndpointUrl } from "@carrel/core/transfer";
import type { EndpointRequest, LeasedEndpoint, TransferSource, TransferUrl } from "@carrel/core/transfer";
import type { TransferSettings } from "./transfer-options.ts";

/** Where a request goes. */
export interface TransferRoute {
  readonly url: TransferUrl;
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
  readonly #settings: TransferSettings;
  #route: TransferRoute | undefined;
  #endpoint: TransferEndpoint | undefined;
  #contentVersion: string | undefined;

  constructor(source: TransferSource, settings: TransferSettings) {
    this.#source = source;
    this.#settings = settings;
  }

  /** Origin of the current transfer URL. */
  get origin(): string | undefined {
    return this.#route?.url.origin;
  }

  /** Whether the source can be asked for another endpoint. */
  get canRenew(): boolean {
    return typeof this.#source === "function";
  }

  /** Drops a route that is no longer valid. */
  drop(): void {
    this.#route = undefined;
  }

  /** Returns the current route, or finds one. */
  async routeTo(request: Omit<EndpointRequest, "rejected">): Promise<TransferRoute> {
    this.#route ??= await this.#find(request);
    return this.#route;
  }

  async #find(request: Omit<EndpointRequest, "rejected">): Promise<TransferRoute> {
    const source = this.#source;
    const { label, fileName, allowHttpTransfers } = this.#settings;
    const rejected = this.#endpoint;
    const complete = rejected === undefined ? request : { ...request, rejected };
    const given = typeof source === "function" ? await source(complete) : source;
    const leased: LeasedEndpoint = "endpoint" in given ? given : { endpoint: given };
    this.#endpoint = leased.endpoint;
    const now = leased.contentVersion;
    checkVersion(label, { before: this.#contentVersion, now, fromByte: request.fromByte });
    this.#contentVersion = now ?? this.#contentVersion;
    const url = readEndpointUrl(leased.endpoint, label, fileName);
    const { origin } = url;
    const clientOrigin = leased.clientOrigin ?? this.#settings.clientOrigin;
    checkEncryption(label, origin, { clientOrigin, allowHttpTransfers });
    if (origin !== clientOrigin && isLinkLocal(url.hostname)) {
      throw linkLocalError({ host: url.hostname, address: url.hostname }, { label, origin, clientOrigin });
    }
    checkTarget(url, { label, clientOrigin });
    return { url, leaseSignal: leased.signal, clientOrigin, authorization: leased.authorization };
  }
}

/** Where the metadata services of clouds are, in the form in which `URL` writes addresses. */
const linkLocal = /^(?:169\.254\.|\[fe[89ab][\da-f]:|\[::ffff:a9fe:)/u;

function isLinkLocal(hostname: string): boolean {
  return linkLocal.test(hostname);
}

/** `fetch` resolves `..` in a path, even an escaped one, and so would request another file than the one that the server meant. */
function checkTarget(
  { origin, target }: TransferUrl,
  about: { readonly label: string; readonly clientOrigin: string | undefined },
): void {
  const { pathname, search } = new URL(origin + target);
  if (pathname + search === target) return;
  throw new TransferError(`Cannot use the transfer endpoint of ${about.label}: fetch would request another path`, {
    problem: "endpoint",
    retryable: false,
    origin,
    clientOrigin: about.clientOrigin,
  });
}
