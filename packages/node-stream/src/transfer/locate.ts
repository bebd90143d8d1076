import { IntegrityError, TransferError } from "@carrel/core";
import type { TransferEndpoint } from "@carrel/core";
import type { Dispatcher } from "undici";
import type { ConnectionPool } from "../tls/connection-pool.ts";
import { endpointPin } from "../tls/pin.ts";
import type { EndpointRequest, LeasedEndpoint, TransferSource } from "./transfer-source.ts";

/** Where to send the request. */
export interface Place {
  readonly url: URL;
  readonly dispatcher: Dispatcher;
  /** Aborted when the session behind the transfer URL is lost. */
  readonly leaseSignal: AbortSignal | undefined;
}

/** Finds the place of the bytes, and a new one when the old one does not hold any more. */
export class Locator {
  readonly #source: TransferSource;
  readonly #pool: ConnectionPool;
  readonly #label: string;
  #place: Place | undefined;
  #endpoint: TransferEndpoint | undefined;
  #asking: Promise<Place> | undefined;
  #contentVersion: string | undefined;

  constructor(source: TransferSource, pool: ConnectionPool, label: string) {
    this.#source = source;
    this.#pool = pool;
    this.#label = label;
  }

  /** Whether another place can be had. */
  get canAsk(): boolean {
    return typeof this.#source === "function";
  }

  /** This place does not hold any more; does nothing where another one is known already. */
  forget(place: Place | undefined): void {
    if (this.#place === place) this.#place = undefined;
  }

  /** The place; asked for once, whoever waits for it. */
  async locate(request: Omit<EndpointRequest, "rejected">): Promise<Place> {
    if (this.#place !== undefined) return this.#place;
    this.#asking ??= this.#ask(request).finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  async #ask(request: Omit<EndpointRequest, "rejected">): Promise<Place> {
    const source = this.#source;
    const rejected = this.#endpoint;
    const known = rejected === undefined ? request : { ...request, rejected };
    const found = typeof source === "function" ? await source(known) : source;
    const leased: LeasedEndpoint = "endpoint" in found ? found : { endpoint: found };
    this.#endpoint = leased.endpoint;
    this.#checkVersion(leased.contentVersion, request.fromByte);
    const url = readUrl(leased.endpoint, this.#label);
    const about = { label: this.#label, host: url.host };
    const dispatcher = this.#pool.dispatcher(endpointPin(leased.endpoint, this.#pool.options.thumbprint, about));
    this.#place = { url, dispatcher, leaseSignal: leased.signal };
    return this.#place;
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

function readUrl({ uri }: TransferEndpoint, label: string): URL {
  const url = URL.parse(uri);
  if (url?.protocol === "https:" || url?.protocol === "http:") return url;
  if (url?.protocol === "ds:") {
    throw new TransferError(
      `The endpoint of ${label} is DIRECT (ds://): a place on a datastore, to be read on the storage itself and not over ` +
        "the network. Prepare the file with endpoint type HTTPS.",
      { problem: "endpoint", retryable: false },
    );
  }
  throw new TransferError(
    `The endpoint of ${label} is not an HTTP address but ${url === null ? "unreadable" : `one of scheme ${url.protocol}//`}.`,
    { problem: "endpoint", retryable: false },
  );
}
