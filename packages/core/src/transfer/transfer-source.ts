import type { CarrelError } from "../errors/carrel-error.ts";
import type { TransferEndpoint } from "../gen/models.gen.ts";

/** Why an endpoint is requested, and for which bytes. */
export interface EndpointRequest {
  /** Aborted when the stream is destroyed. */
  readonly signal: AbortSignal;
  /** Offset at which the transfer will resume. */
  readonly fromByte: number;
  /** Why the previous endpoint failed; `undefined` the first time. */
  readonly cause: CarrelError | undefined;
  /** The previous endpoint, which is no longer valid; absent the first time. `lease.endpoint` accepts it. */
  readonly rejected?: TransferEndpoint;
}

/** An endpoint with what is known of the session it belongs to. */
export interface LeasedEndpoint {
  readonly endpoint: TransferEndpoint;
  /**
   * The item's content version under this session. If it differs from that of the previous endpoint, the
   * bytes already delivered cannot be continued, and the stream fails.
   * @defaultValue unknown
   */
  readonly contentVersion?: string;
  /**
   * Aborted when the session is lost, as `DownloadLease.signal` is. Then the source is asked for a new endpoint.
   * @defaultValue none
   */
  readonly signal?: AbortSignal;
  /**
   * Origin of the vCenter that names the endpoint, as `DownloadLease.origin` is: an `https:` one cannot lead to `http:`.
   * @defaultValue that of the option `session`
   */
  readonly clientOrigin?: string;
  /**
   * Value of the header `Authorization`, a secret: sent to the endpoint's own origin, and not after a redirect.
   * @defaultValue none
   */
  readonly authorization?: string;
}

/**
 * Where the bytes come from. A function is called at the start, and again when the server refuses the transfer URL
 * (401, 403, 404, 410) or the session is lost; the stream fails with what it throws.
 */
export type TransferSource =
  | TransferEndpoint
  | ((request: EndpointRequest) => Promise<TransferEndpoint | LeasedEndpoint>);
