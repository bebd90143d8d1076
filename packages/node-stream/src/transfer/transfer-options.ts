import type {
  CarrelError,
  ChecksumAlgorithm,
  ChecksumInfo,
  Clock,
  NextAttempt,
  PackageNote,
  TransferEndpoint,
  VerifiedBy,
} from "@carrel/core";
import type { ConnectionPool } from "../tls/connection-pool.ts";
import type { TlsOptions } from "../tls/tls-options.ts";
import type { Digests } from "./digest.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { TransferValidator } from "./response-head.ts";

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

/** The part of a client that sends the API session id to the vCenter's own origin. A `CarrelClient` fits. */
export interface TransferSession {
  readonly origin: string;
  sessionToken(options?: { readonly signal?: AbortSignal; readonly rejected?: string }): Promise<string>;
}

/** What the bytes are expected to be. */
export interface TransferExpectation {
  /**
   * Length of the whole file, in bytes. Not the `size` of a library item's file, which is the space used on storage.
   * @defaultValue what the server states
   */
  readonly sizeBytes?: number;
  /**
   * Checksum of the whole file, or a function that returns it once all bytes have arrived, because a server may state
   * it only then. The stream does not end before; `undefined` means that there is none.
   * @defaultValue none
   */
  readonly checksum?: ChecksumInfo | (() => Promise<ChecksumInfo | undefined>);
  /**
   * ETag and Last-Modified of an earlier transfer of the same file, with `startByte`: where the server's differ, the
   * file is read from its start and compared with `prefix`; without a `prefix` the stream fails.
   * @defaultValue none
   */
  readonly validator?: TransferValidator;
}

/** A transfer resumes after an interruption. */
export interface TransferResume extends NextAttempt {
  /** The next byte of the file. */
  readonly fromByte: number;
  /** Why it was interrupted. */
  readonly cause: CarrelError;
}

/** Options of {@link openTransfer}. */
export interface TransferOptions extends TlsOptions {
  /**
   * Destroys the stream with `signal.reason`.
   * @defaultValue none
   */
  readonly signal?: AbortSignal;
  /**
   * The first byte to deliver, counted from 0, as `start` of `fs.createReadStream`. Where the server ignores ranges, the
   * bytes before it are fetched and skipped.
   * @defaultValue 0
   */
  readonly startByte?: number;
  /**
   * The last byte to deliver, inclusive, as `end` of `fs.createReadStream`: `startByte: 0, endByte: 99` is the first 100
   * bytes. The stream ends with the file where that is shorter. Where the server ignores ranges, the connection is closed
   * after this byte. A part of a file is never verified.
   * @defaultValue the last byte of the file
   */
  readonly endByte?: number;
  /**
   * The bytes before `startByte`, as they were received earlier. Read at the start where there are digests to compute,
   * so that they cover the whole file; and where the server ignores ranges, to compare. Without it the bytes from
   * `startByte` are a part of the file, which is not verified.
   * @defaultValue none
   */
  readonly prefix?: () => AsyncIterable<Uint8Array>;
  /**
   * Buffers at most this many bytes for a consumer that is slower than the server.
   * @defaultValue 262_144
   */
  readonly highWaterMark?: number;
  /**
   * Interruptions in a row to resume after; the count starts over when bytes arrive.
   * @defaultValue 5; where `retryForMs` is given, 5 interruptions that are not outages, and any number of outages
   */
  readonly resumeLimit?: number;
  /**
   * How long outages in a row are overcome, in milliseconds from the first of them; the time starts over when bytes arrive.
   * An outage is a connection that cannot be made or breaks, silence, a server that is busy or down (5xx, 429), and a source
   * function that fails for one of these reasons. The last attempt takes place when the time is over. Where `resumeLimit` is
   * given as well, whichever is reached first ends the transfer.
   * @defaultValue no time, so that `resumeLimit` alone decides
   */
  readonly retryForMs?: number;
  /**
   * Upper bound of the delay before the first resume, in milliseconds; doubles with each interruption in a row, up to 20 s.
   * The delay is random below it. A server's `Retry-After` takes precedence.
   * @defaultValue 250
   */
  readonly resumeDelayMs?: number;
  /**
   * The time that delays and `retryForMs` go by.
   * @defaultValue the platform's time
   */
  readonly clock?: Clock;
  /**
   * How long the server may send nothing before that counts as an interruption, in milliseconds. A slow consumer never
   * counts. At most 2_147_483_647, about 24 days.
   * @defaultValue 30_000
   */
  readonly stallTimeoutMs?: number;
  /**
   * Connections that fetch parts of the file at the same time, for paths where one connection does not use the bandwidth.
   * Used only if the server honours ranges and sends an ETag or Last-Modified. Buffers up to 8 MiB for each connection.
   * @defaultValue 1
   */
  readonly connectionsPerFile?: number;
  /** What the bytes are expected to be; checked before the stream ends. */
  readonly expect?: TransferExpectation;
  /**
   * Digests to compute along the way.
   * @defaultValue that of the expected checksum; all four where it is known only at the end; otherwise none
   */
  readonly digests?: readonly ChecksumAlgorithm[];
  /**
   * Bytes per second, for this transfer alone; or a limit shared with others.
   * @defaultValue unlimited
   */
  readonly maxBytesPerSecond?: number | RateLimit;
  /**
   * Sends the API session id with the request where the transfer URL is on this client's own origin, and nowhere else.
   * vCenter requires none; other servers may.
   * @defaultValue none
   */
  readonly session?: TransferSession;
  /**
   * Connections to share with other transfers; its `thumbprint`, `ca` and `proxy` apply.
   * @defaultValue connections of its own, closed with the stream
   */
  readonly pool?: ConnectionPool;
  /**
   * Names the file in messages; its extension decides whether an HTML page is the file or an error page.
   * @defaultValue the last part of the transfer URL, not shown
   */
  readonly fileName?: string;
  /**
   * Called before each resume.
   * @defaultValue none
   */
  readonly onResume?: (resume: TransferResume) => void;
  /**
   * Called once, when all bytes have arrived and are verified, before the stream ends.
   * @defaultValue none
   */
  readonly onVerified?: (facts: TransferFacts) => void;
}

/** What the first response states about a file, before its bytes. */
export interface TransferHead {
  /** Length of the whole file, in bytes; `undefined` where the server does not state it. */
  readonly totalBytes: number | undefined;
  /** ETag and Last-Modified as the server sent them. */
  readonly validator: TransferValidator;
  /** Whether the server sent a requested range, or states that it serves ranges. */
  readonly acceptsRanges: boolean;
  /** Scheme, host and port that the bytes come from; `undefined` where none were needed. */
  readonly origin: string | undefined;
}

/** What is known of a transfer that is complete, just before its stream ends. */
export interface TransferFacts {
  /** Length of the file, in bytes; of a part of a file whose length the server does not state, where the part ends. */
  readonly sizeBytes: number;
  /**
   * How the bytes were verified, strongest first. `nothing`: there was nothing to compare with, or only a part of the file
   * was read.
   */
  readonly verifiedBy: VerifiedBy;
  /** The checksum that the bytes match, the server's or the manifest's. */
  readonly checksum: ChecksumInfo | undefined;
  /**
   * Why OVF manifests that should have verified the file do not; absent where they do, where the server's checksum does and
   * no manifest contradicts it, or where there are none.
   */
  readonly doubts?: readonly PackageNote[];
  /** Digests of the whole file, as far as they were computed; hexadecimal, lower case. */
  readonly digests: Digests;
  /** Bytes that arrived over the network, those read more than once included. */
  readonly fetchedBytes: number;
  /**
   * `Content-Encoding` of the bytes, which are delivered as they were sent, where neither the file's length nor its name
   * explains it; shortened, in quotes. Only a checksum or the file's own length can confirm that they are the file's.
   */
  readonly contentEncoding: string | undefined;
  /** Origin that the bytes came from; `undefined` where none were needed. */
  readonly origin: string | undefined;
  /** How often the transfer resumed after an interruption. */
  readonly resumes: number;
  /** ETag and Last-Modified as the server sent them. */
  readonly validator: TransferValidator;
}
