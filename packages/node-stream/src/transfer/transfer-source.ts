import type { CarrelError, TransferEndpoint } from "@carrel/core";

/** Why and for what an endpoint is asked for. */
export interface EndpointRequest {
  /** Aborted when the stream is destroyed. */
  readonly signal: AbortSignal;
  /** Offset at which the transfer will resume. */
  readonly fromByte: number;
  /** Why the previous endpoint failed; `undefined` the first time. */
  readonly cause: CarrelError | undefined;
  /** The previous endpoint, which is no longer valid; absent the first time. `lease.endpoint` takes it. */
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
   * Origin of the vCenter that names the endpoint, as `DownloadLease.origin` is: from `https:` it cannot lead to `http:`.
   * @defaultValue that of the option `session`
   */
  readonly clientOrigin?: string;
}

/**
 * Where the bytes come from. A function is asked at the start, and again when the server refuses the transfer URL
 * (401, 403, 404, 410) or the session is lost; what it throws, the stream fails with.
 */
export type TransferSource =
  | TransferEndpoint
  | ((request: EndpointRequest) => Promise<TransferEndpoint | LeasedEndpoint>);

/** What a transfer needs of the client, to send the API session id to the vCenter's own origin. A `CarrelClient` fits. */
export interface TransferSession {
  readonly origin: string;
  sessionToken(options?: { readonly signal?: AbortSignal; readonly rejected?: string }): Promise<string>;
}
